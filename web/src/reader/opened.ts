// SPDX-License-Identifier: Apache-2.0

// One item while somebody reads it: what was opened of it, what they asked to see, and
// what they write. Nothing here touches the page.

import { SealError, list, record, text } from "../bytes.ts";
import { type Desk } from "../desk.ts";
import { personOf } from "../manifest.ts";
import { ended } from "../page/faults.ts";
import { finder, type RosterRow } from "../roster.ts";
import { type Note, type WhoEvent } from "../seal/documents.ts";
import { type Label } from "../seal/label.ts";
import * as tell from "../tell.ts";
import { type Examined, type Fault, type OpenedWhat, decide, examine, identityOf, openable, readWhat, readWho, writeNote } from "../unseal.ts";

// Someone is an account that the log names, and what the school knows of it.
export interface Someone {
  account: string;
  device: string;
  client: string;
  times: number;
  known: RosterRow | undefined;
}

export interface Shown {
  who: Someone[];
  events: WhoEvent[];
  faults: Fault[];
  names: "" | "none" | "unreadable"; // whether there is a list of names
}

export class Opened {
  what: OpenedWhat = { class: "", events: [], notes: [], faults: [] };
  who: Shown | null = null;
  words = false; // the words and addresses are shown
  private ids = { what: "", who: "" };

  private constructor(readonly desk: Desk, public x: Examined) {}

  // open fetches and examines an item, and opens what happened if it can be opened at
  // all. That is recorded.
  static async open(desk: Desk, id: string): Promise<Opened> {
    const o = new Opened(desk, await examine(await desk.gate.item(id), desk.key, desk.manifest));
    if (!o.canOpen) return o;
    o.ids.what = await identityOf(desk.gate, o.x, "what", desk.key, "triage");
    await o.read();
    return o;
  }

  get canOpen(): boolean {
    try {
      openable(this.x);
      return this.x.label !== null;
    } catch {
      return false;
    }
  }

  get label(): Label {
    if (!this.x.label) throw new SealError("missing");
    return this.x.label;
  }

  get handover(): boolean {
    return this.what.events.some((e) => e.handover);
  }

  get faults(): string[] {
    return tell.faults(this.x.faults, this.what.faults, this.who?.faults ?? []);
  }

  private async read(): Promise<void> {
    this.what = await readWhat(this.x, this.ids.what);
    if (this.who) await this.readWho();
  }

  // added reports whether the item has more parts than are shown.
  async added(): Promise<boolean> {
    return (await this.desk.gate.item(this.x.id)).appends.length > this.x.appends.length;
  }

  // again reads the item as it is now; what was opened stays open.
  async again(): Promise<void> {
    const x = await examine(await this.desk.gate.item(this.x.id), this.desk.key, this.desk.manifest);
    openable(x);
    this.x = x;
    await this.read();
  }

  // showWho asks for the second share. That is recorded by itself.
  async showWho(): Promise<void> {
    if (this.ids.who === "") this.ids.who = await identityOf(this.desk.gate, this.x, "who", this.desk.key, "triage");
    await this.readWho();
  }

  private async readWho(): Promise<void> {
    const { events, faults } = await readWho(this.x, this.ids.who);
    let find: (account: string) => RosterRow | undefined = () => undefined;
    let names: Shown["names"] = "";
    if (this.what.class === "P" && events.some((e) => e.account !== "")) {
      try {
        const { rows } = await this.desk.names();
        find = finder(rows);
        if (rows.length === 0) names = "none";
      } catch (e) {
        if (ended(e)) throw e;
        names = "unreadable"; // who it was must not wait for what they are called
      }
    }
    this.who = { who: people(events, find), events, faults, names };
  }

  // decidedBy is the outcome that holds now, if there is one.
  get decided(): Note | undefined {
    const last = this.what.notes.findLast((n) => n.outcome !== "");
    return last && last.outcome !== "reopened" ? last : undefined;
  }

  // write saves a note, or an outcome. The item is to be read again after it.
  async write(outcome: string, words: string): Promise<void> {
    const { gate, key } = this.desk;
    if (outcome === "") await writeNote(gate, this.x, this.what.class, key, words);
    else {
      await decide(gate, this.x, this.what.class, key, outcome, words);
      this.x.state = outcome === "reopened" ? "opened" : "decided";
    }
  }

  // writer is somebody's name, even if they have left.
  writer(id: string): string {
    const m = this.desk.manifest;
    const former = list(m.document.former, 10_000).map(record).find((p) => p.id === id);
    return tell.screen(personOf(m, id)?.name ?? (former ? text(former.name) : id));
  }
}

function people(events: WhoEvent[], find: (account: string) => RosterRow | undefined): Someone[] {
  const all = new Map<string, Someone>();
  for (const e of events) {
    const k = JSON.stringify([e.account, e.device, e.client]);
    const s = all.get(k);
    if (s) s.times++;
    else all.set(k, { account: e.account, device: e.device, client: e.client, times: 1, known: find(e.account) });
  }
  return [...all.values()].sort((a, b) => b.times - a.times);
}
