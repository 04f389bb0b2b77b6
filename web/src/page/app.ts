// SPDX-License-Identifier: Apache-2.0

// What all pages share: the shell, the gate, and while somebody is signed in their desk.

import { SealError } from "../bytes.ts";
import { Desk } from "../desk.ts";
import { type Gate } from "../gate.ts";
import { type Key } from "../key.ts";
import { Drafts } from "../reader/drafts.ts";
import { ended, sentence } from "./faults.ts";
import { button, buttons, heading, para, trouble } from "./kit.ts";
import { type MenuEntry, type Open, type Shell, nobody } from "./shell.ts";

export interface Pages {
  signIn: (app: App, why?: string) => Open;
  menu: (app: App) => MenuEntry[]; // the first is where a person begins
}

export class App {
  readonly drafts = new Drafts();
  private held: Desk | null = null;

  constructor(readonly shell: Shell, readonly gate: Gate, private readonly pages: Pages) {
    // A browser keeps a page that one has left, to show it again at once. Ours is empty
    // by then, and begins anew.
    window.addEventListener("pagehide", () => this.vanish());
    window.addEventListener("pageshow", (e) => void (e.persisted && location.reload()));
  }

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
    await this.drafts.wake(key.person, key.identity);
    const m = desk.manifest;
    const menu = this.pages.menu(this);
    this.shell.setFrame({ school: m.school.name, demo: m.school.demo, person: desk.me.name, words: m.words, menu, signOut: () => void this.signOut() });
    this.shell.watch(() => void this.leave("You were signed out because nothing was touched for five minutes."));
    await this.shell.begin(menu[0]!.open);
  }

  menu(): MenuEntry[] {
    return this.pages.menu(this);
  }

  otherSchool(): void {
    this.drafts.forget();
    this.forget();
    this.shell.stop("Stop: this is not the school you joined",
      para("The server that answers cannot show the signature of the school you joined. Its six words have changed, or somebody stands between you and it."),
      para("Do not type your passphrase here again. Do not go on, on this device or another."),
      para("Ring the headteacher on a number that you know, and say: “Sealwatch says that this is not the school I joined.”"));
  }

  // signOut is the person's own wish. What they have begun to write would be gone, so
  // they are asked first.
  private async signOut(): Promise<void> {
    if (!this.drafts.any) return this.leave();
    await this.shell.go(() => ({
      title: "Sign out",
      body: [heading("You have begun to write and not saved it"),
        para("If you sign out now, what you wrote is thrown away."),
        buttons(button("Go back", () => this.shell.goBack()), button("Throw it away and sign out", () => this.leave(), "secondary"))],
    }));
  }

  // leave signs out and begins again; nothing of what was shown stays. why is "" when the
  // person wished it; else what they had begun to write is sealed until they are back.
  async leave(why = ""): Promise<void> {
    const me = this.held?.me;
    const kept = why !== "" && this.drafts.any;
    if (kept && me) this.drafts.rest(me.id, me.recipient);
    else this.drafts.forget();
    this.forget();
    this.shell.setFrame(nobody);
    await this.shell.begin(this.pages.signIn(this, (why || "You are signed out. Nothing is left on this device.") +
      (kept ? " What you had begun to write is kept in this window, sealed to your key. Sign in again and it is there." : "")));
  }

  // vanish leaves nothing behind in a page that is being closed or left.
  private vanish(): void {
    this.drafts.forget();
    this.forget();
  }

  // forget empties the page and the memory at once, and tells the server if it can.
  private forget(): void {
    const d = this.held;
    this.held = null;
    this.shell.watch(null);
    if (d) this.shell.blank();
    d?.lock();
    void this.gate.signOut().catch(() => undefined);
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
  // attempt runs work of a signed-in page, and says in the place given what went wrong.
  // It reports whether all went well.
  async attempt(place: Element, work: () => Promise<void>): Promise<boolean> {
    place.replaceChildren();
    try {
      await this.guard(work);
      return true;
    } catch (e) {
      if (!ended(e)) place.replaceChildren(trouble(sentence(e)));
      return false;
    }
  }
}
