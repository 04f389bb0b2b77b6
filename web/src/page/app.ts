// SPDX-License-Identifier: Apache-2.0

// What all pages share: the shell, the gate, and while somebody is signed in their desk.

import { SealError } from "../bytes.ts";
import { Desk } from "../desk.ts";
import { type Gate } from "../gate.ts";
import { type Key } from "../key.ts";
import { para } from "./kit.ts";
import { ended } from "./faults.ts";
import { type MenuEntry, type Open, type Shell, nobody } from "./shell.ts";

export interface Pages {
  signIn: (app: App, why?: string) => Open;
  menu: (app: App) => MenuEntry[]; // the first is where a person begins
}

export class App {
  private held: Desk | null = null;

  constructor(readonly shell: Shell, readonly gate: Gate, private readonly pages: Pages) {}

  // desk is that of the signed-in person.
  get desk(): Desk {
    if (!this.held) throw new SealError("missing");
    return this.held;
  }

  // enter signs in with an opened key. A school that is not the one the key belongs to is
  // a full stop; whatever else goes wrong is thrown.
  async enter(key: Key): Promise<void> {
    let desk: Desk;
    try {
      desk = await Desk.open(this.gate, key);
    } catch (e) {
      if (e instanceof SealError && (e.code === "signature" || e.code === "foreign")) return this.otherSchool();
      throw e;
    }
    this.held = desk;
    const m = desk.manifest;
    const menu = this.pages.menu(this);
    this.shell.setFrame({ school: m.school.name, demo: m.school.demo, person: desk.me.name, words: m.words, menu, signOut: () => void this.leave() });
    this.shell.watch(() => void this.leave("You were signed out because nothing was touched for five minutes."));
    await this.shell.begin(menu[0]!.open);
  }

  otherSchool(): void {
    void this.forget();
    this.shell.stop("Stop: this is not the school you joined",
      para("The server that answers cannot show the signature of the school you joined. Its six words have changed, or somebody stands between you and it."),
      para("Do not type your passphrase here again. Do not go on, on this device or another."),
      para("Ring the headteacher on a number that you know, and say: “Sealwatch says that this is not the school I joined.”"));
  }

  // leave signs out and begins again; nothing of what was shown stays.
  async leave(why = ""): Promise<void> {
    await this.forget();
    this.shell.setFrame(nobody);
    await this.shell.begin(this.pages.signIn(this, why || "You are signed out. Nothing is left on this device."));
  }

  private async forget(): Promise<void> {
    this.shell.watch(null);
    const d = this.held;
    this.held = null;
    d?.lock();
    await this.gate.signOut().catch(() => undefined);
  }

  // guard runs work of a signed-in page. If the session has ended it signs out and says
  // so; what else goes wrong is thrown.
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (e) {
      if (ended(e)) await this.leave("You were signed in for too long. Please sign in again.");
      throw e;
    }
  }
}
