// SPDX-License-Identifier: Apache-2.0

// Two browsers founding a school: what one of them has seen of the other. It asks the
// server every two seconds, shows its card when the other is bound to theirs, and gives
// up with a reason where anything is not as it was before.

import { type Bytes, SealError, equal, toHex } from "../bytes.ts";
import { type FoundState, type Gate, GateError } from "../gate.ts";
import { type Card, type Seat, foundingWords, openCard } from "../founding.ts";
import { foundingHash } from "../manifest.ts";

export type End =
  | { kind: "alarm" } // something changed that cannot change: somebody is between
  | { kind: "stopped" } // one of the two stopped it
  | { kind: "over"; say: string } // the link, the time or the seat is gone
  | { kind: "elsewhere" }; // the school was founded, and this page has not seen how

const every = 2000; // milliseconds

export class Meeting {
  state: FoundState | null = null;
  ends: Date | null = null;
  theirs: { raw: Bytes; card: Card } | null = null;
  lost = false; // the last question was not answered
  private seatKey = "";
  private bound: Bytes | null = null; // what the other's card must have as its hash
  private shown = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly gate: Gate, private readonly token: string, readonly seat: Seat, readonly card: Bytes, private readonly commit: Bytes, private readonly ended: (e: End) => void) {}

  async join(): Promise<void> {
    const { seatKey, ends } = await this.gate.foundJoin(this.token, this.seat, this.commit);
    this.seatKey = seatKey;
    this.ends = ends;
    this.next(0);
  }

  // watch calls back now and whenever something may have changed.
  watch(f: () => void): () => void {
    this.listeners.add(f);
    f();
    return () => this.listeners.delete(f);
  }

  get other(): Seat {
    return this.seat === "head" ? "leader" : "head";
  }

  // myCard is what the other has seen of this one.
  get myCard(): Card {
    return openCard(this.card, this.commit, this.seat);
  }

  get joined(): boolean {
    return this.bound !== null;
  }

  // both cards in the order of their hash; only once the other's is there.
  private get cards(): [head: Bytes, leader: Bytes] {
    if (!this.theirs) throw new SealError("missing");
    return this.seat === "head" ? [this.card, this.theirs.raw] : [this.theirs.raw, this.card];
  }

  get founding(): { head: Bytes; leader: Bytes; hex: string } {
    const [head, leader] = this.cards;
    return { head, leader, hex: toHex(foundingHash(head, leader)) };
  }

  words(seat: Seat): string[] {
    return foundingWords(...this.cards, seat);
  }

  get theyConfirmed(): boolean {
    return this.state?.[this.other].confirmed === true;
  }

  confirm(bundle: Bytes, passkeys: { name: string; credential: string; file: Uint8Array }[]): Promise<void> {
    return this.gate.foundConfirm(this.token, this.seatKey, { bundle, passkeys });
  }

  finish(manifest: Bytes): Promise<void> {
    return this.gate.foundFinish(this.token, this.seatKey, manifest);
  }

  // signed is the manifest that made the school; empty while there is none.
  async signed(): Promise<Bytes> {
    return (await this.gate.foundState(this.token, this.seatKey)).manifest;
  }

  // stop ends the founding for both. It does not wait for the server to have heard.
  stop(): void {
    this.leave();
    void this.gate.foundStop(this.token, this.seatKey).catch(() => undefined);
  }

  leave(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private next(wait = every): void {
    if (!this.over) this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    try {
      await this.look();
      this.lost = false;
    } catch (e) {
      const end = endOf(e);
      if (end && !this.over) {
        this.leave();
        this.ended(end);
      }
      this.lost = true;
    }
    for (const f of this.listeners) f();
    this.next();
  }

  private async look(): Promise<void> {
    const s = await this.gate.foundState(this.token, this.seatKey);
    if (this.over) return;
    if (s.stopped) throw new GateError("stopped", "");
    const before = this.state;
    const them = s[this.other];
    // What both have once been told cannot be told otherwise.
    if (before && (!equal(before.policy, s.policy) || JSON.stringify(before.service) !== JSON.stringify(s.service))) throw new SealError("foreign");
    if (this.bound && !equal(this.bound, them.commit)) throw new SealError("foreign");
    if (this.theirs && them.card.length > 0 && !equal(this.theirs.raw, them.card)) throw new SealError("foreign");
    if (!this.bound && them.commit.length > 0) {
      if (them.commit.length !== 32) throw new SealError("foreign");
      this.bound = them.commit;
    }
    this.state = s;
    this.ends = s.ends;
    if (this.bound && !this.shown) {
      await this.gate.foundReveal(this.token, this.seatKey, this.card);
      this.shown = true;
    }
    // Their card counts only if they were bound to it before they could see ours.
    if (this.bound && !this.theirs && them.card.length > 0) this.theirs = { raw: them.card, card: openCard(them.card, this.bound, this.other) };
  }
}

function endOf(e: unknown): End | null {
  if (e instanceof SealError) return { kind: "alarm" };
  if (!(e instanceof GateError)) return null;
  if (e.code === "stopped") return { kind: "stopped" };
  if (e.code === "founded") return { kind: "elsewhere" };
  return e.code === "link-ended" || e.code === "not-seat" || e.code === "odd" ? { kind: "over", say: e.say } : null;
}
