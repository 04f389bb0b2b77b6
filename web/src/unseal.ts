// SPDX-License-Identifier: Apache-2.0

// Opens what internal/seal locked, as internal/unseal does: an item is examined before
// any of it is shown, and what is missing or damaged becomes a fault that is shown with
// the rest.

import { type Bytes, type FaultCode, SealError, equal, fail, toHex } from "./bytes.ts";
import { type Gate, type Item, type Row } from "./gate.ts";
import { type Key } from "./key.ts";
import { type Manifest, trusted } from "./manifest.ts";
import { type Note, type What, type WhatEvent, type WhoEvent, decodeWhat, decodeWho } from "./seal/documents.ts";
import { type Label, openLabel } from "./seal/label.ts";
import { type Append, type AppendHead, type Envelope, type Lane, type LockContent, type LockSet, belongs, join, openLock, parseAppend, parseAppendHead, parseEnvelope, parseLockHeader, schoolHash } from "./seal/parts.ts";
import { decrypt, sha256 } from "./seal/sign.ts";
import { type Purpose, clearOrder, sealAppend, shareRequest } from "./seal/write.ts";

export interface Fault {
  part: "envelope" | "locks" | "append" | "label" | "what" | "who" | "events";
  n: number;
  code: FaultCode;
}

export interface Examined {
  id: string;
  state: Row["state"];
  rung: number;
  faults: Fault[];
  label: Label | null;
  number: number;
  envelope: Envelope | null;
  appends: Append[];
  lock: LockContent | null;
}

const maxMissing = 10_000;

function codeOf(e: unknown): FaultCode {
  return e instanceof SealError ? e.code : "damaged";
}

// examineRow looks at what a list has of an item: enough for its label.
export async function examineRow(r: Row, k: Pick<Key, "identity">, m: Manifest): Promise<Examined> {
  const x = blank(r);
  const sets = readLockSets(x, r.headers, null, m);
  await readLock(x, sets, r.lock, k);
  if (r.label && x.lock) {
    try {
      const h = parseAppendHead(r.label.head);
      if (h.id !== x.id || h.lane !== 0) fail("foreign");
      if (!trusted(m.sealers, h.author)) fail("signer");
      if (!equal(sha256(r.label.file), h.hashes[3]!)) fail("damaged");
      await readLabel(x, h, r.label.file, h.seq);
    } catch (e) {
      x.faults.push({ part: "label", n: 0, code: codeOf(e) });
    }
  }
  return x;
}

// examine verifies all parts of an item and opens the person's lock.
export async function examine(i: Item, k: Key, m: Manifest): Promise<Examined> {
  const x = blank(i);
  try {
    if (i.envelope.length === 0) fail("missing");
    const e = parseEnvelope(i.envelope);
    if (!trusted(m.sealers, e.sealer)) fail("signer");
    if (e.id !== i.id || !equal(e.school, schoolHash(k.school))) fail("foreign");
    x.envelope = e;
  } catch (e) {
    x.faults.push({ part: "envelope", n: 0, code: codeOf(e) });
  }
  const sets = readLockSets(x, i.headers, x.envelope, m);
  await readLock(x, sets, i.lock, k);
  const last: [Append | null, Append | null] = [null, null];
  for (const [n, data] of i.appends.entries()) {
    if (!x.envelope) break; // nothing to hold them against; the fault of the envelope stands for it
    try {
      const a = parseAppend(data);
      verifyAppend(x.envelope, last[a.lane], a, m);
      last[a.lane] = a;
      x.appends.push(a);
      if (x.lock) {
        try {
          await readLabel(x, a, a.label, n + 1);
        } catch (e) {
          x.faults.push({ part: "label", n: n + 1, code: codeOf(e) });
        }
      }
    } catch (e) {
      x.faults.push({ part: "append", n: n + 1, code: codeOf(e) });
    }
  }
  return x;
}

function blank(r: Row | Item): Examined {
  return { id: r.id, state: r.state, rung: r.rung, faults: [], label: null, number: 0, envelope: null, appends: [], lock: null };
}

// readLockSets follows the chain of lock sets as far as it holds. Without an envelope,
// set 0 is accepted from a sealer of the school.
function readLockSets(x: Examined, headers: Bytes[], e: Envelope | null, m: Manifest): LockSet[] {
  const out: LockSet[] = [];
  if (headers.length === 0) x.faults.push({ part: "locks", n: 0, code: "missing" });
  for (const [n, data] of headers.entries()) {
    try {
      const l = parseLockHeader(data);
      const prev = out.at(-1);
      if (l.id !== x.id) fail("foreign");
      if (!prev) {
        if (l.number !== 0 || (e && !equal(l.prev, e.core))) fail("chain");
        if (e ? !equal(l.signer, e.sealer) : !trusted(m.sealers, l.signer)) fail("signer");
      } else {
        if (l.number !== prev.number + 1 || !equal(l.prev, prev.hash)) fail("chain");
        if (!trusted(m.readers, l.signer)) fail("signer");
      }
      out.push(l);
    } catch (err) {
      x.faults.push({ part: "locks", n, code: codeOf(err) });
      break;
    }
  }
  return out;
}

async function readLock(x: Examined, sets: LockSet[], lock: Bytes, k: Pick<Key, "identity">): Promise<void> {
  const newest = sets.at(-1);
  if (!newest) return;
  try {
    if (lock.length === 0) fail("not-yours");
    if (!belongs(newest, lock)) fail("damaged");
    let c: LockContent;
    try {
      c = await openLock(lock, k.identity);
    } catch (e) {
      return x.faults.push({ part: "locks", n: newest.number, code: codeOf(e) === "decrypt" ? "not-yours" : codeOf(e) }), undefined;
    }
    if (c.envelope !== x.id || c.number !== newest.number || c.label.envelope !== x.id) fail("foreign");
    x.lock = c;
    x.label = c.label;
    x.number = c.label.number;
  } catch (e) {
    x.faults.push({ part: "locks", n: newest.number, code: codeOf(e) });
  }
}

// readLabel takes the label of an append of the sealer. A reader's note cannot make an
// item look milder than it is.
async function readLabel(x: Examined, a: AppendHead | Append, file: Bytes, _n: number): Promise<void> {
  const l = openLabel(await decrypt(file, x.lock!.labels));
  if (!l) return;
  if (l.envelope !== x.id || l.seq !== a.seq) fail("foreign");
  if (a.lane === 0) x.label = l;
}

function verifyAppend(e: Envelope, prev: Append | null, a: Append, m: Manifest): void {
  if (a.id !== e.id) fail("foreign");
  const [seq, hash] = prev ? [prev.seq, prev.hash] : [0, e.core];
  if (a.seq !== seq + 1 || !equal(a.prev, hash)) fail("chain");
  if (!trusted(a.lane === 0 ? m.sealers : m.readers, a.author)) fail("signer");
}

// openable throws unless a share could open anything: an opening that shows nothing
// would be recorded all the same.
export function openable(x: Examined): { envelope: Envelope; lock: LockContent } {
  if (!x.envelope) fail("missing");
  if (!x.lock) fail("not-yours");
  return { envelope: x.envelope, lock: x.lock };
}

// identityOf asks for a share — which the ledger records — and returns what opens the
// part. A page keeps it for as long as it shows the item, so that it can read what is
// added meanwhile.
export async function identityOf(gate: Gate, x: Examined, part: "what" | "who", k: Key, purpose: Purpose): Promise<string> {
  const { envelope, lock } = openable(x);
  const box = await gate.share(shareRequest(k.signing, { envelope: x.id, part, person: k.person, at: gate.now(), purpose }));
  const share = await decrypt(box, k.identity);
  return join(lock.halves[part], share, envelope.halves[part]);
}

export interface OpenedWhat extends What {
  faults: Fault[];
}

// openWhat asks for the first share and opens what happened.
export async function openWhat(gate: Gate, x: Examined, k: Key, purpose: Purpose = "triage"): Promise<OpenedWhat> {
  return readWhat(x, await identityOf(gate, x, "what", k, purpose));
}

// readWhat reads what happened with the identity of the part.
export async function readWhat(x: Examined, id: string): Promise<OpenedWhat> {
  const e = openable(x).envelope;
  const out: OpenedWhat = { class: "", events: [], notes: [], faults: [] };
  await each("what", e.bodies.what, x.appends, id, out.faults, (plain, a) => {
    const d = decodeWhat(plain, e, a);
    if (!a) out.class = d.class;
    if (!a || a.lane === 0) out.events.push(...d.events);
    else out.notes.push(...d.notes);
  });
  out.faults.push(...missingEvents(x, out.events), ...leftOut(x, out.notes));
  out.events.sort((a, b) => when(a) - when(b));
  return out;
}

// openWho asks for the second share and opens whom the log names.
export async function openWho(gate: Gate, x: Examined, k: Key, purpose: Purpose = "triage"): Promise<{ events: WhoEvent[]; faults: Fault[] }> {
  return readWho(x, await identityOf(gate, x, "who", k, purpose));
}

export async function readWho(x: Examined, id: string): Promise<{ events: WhoEvent[]; faults: Fault[] }> {
  const e = openable(x).envelope;
  const out = { events: [] as WhoEvent[], faults: [] as Fault[] };
  await each("who", e.bodies.who, x.appends, id, out.faults, (plain, a) => {
    const d = decodeWho(plain, e, a);
    if (!a || a.lane === 0) out.events.push(...d.events);
  });
  return out;
}

async function each(part: "what" | "who", body: Bytes, appends: Append[], id: string, faults: Fault[], take: (plain: Bytes, a: Append | null) => void): Promise<void> {
  for (const [n, a] of [null, ...appends].entries()) {
    try {
      take(await decrypt(a ? a.bodies[part] : body, id), a);
    } catch (e) {
      faults.push({ part, n, code: codeOf(e) });
    }
  }
}

function when(e: WhatEvent): number {
  return (e.at ?? e.readAt ?? new Date(0)).getTime();
}

function missingEvents(x: Examined, events: WhatEvent[]): Fault[] {
  const seen = new Set(events.map((e) => e.n));
  const out: Fault[] = [];
  for (let n = 1; n <= (x.label?.events ?? 0) && out.length < maxMissing; n++) if (!seen.has(n)) out.push({ part: "events", n, code: "missing" });
  return out;
}

function lastOf(x: Examined, lane: Lane): Append | undefined {
  return x.appends.findLast((a) => a.lane === lane);
}

// leftOut finds appends that a reader had seen when they wrote and that are not there
// any more: the chain alone cannot show that its newest part was left out.
function leftOut(x: Examined, notes: Note[]): Fault[] {
  const have = lastOf(x, 0)?.seq ?? 0;
  const seen = Math.max(0, ...notes.map((n) => n.seen));
  const out: Fault[] = [];
  for (let n = have + 1; n <= seen && out.length < maxMissing; n++) out.push({ part: "append", n, code: "missing" });
  return out;
}

// missingNumbers are the running numbers that no item of this person has.
export function missingNumbers(have: number[]): number[] {
  const seen = new Set(have);
  const highest = Math.max(0, ...have);
  const out: number[] = [];
  for (let n = 1; n < highest && out.length < maxMissing; n++) if (!seen.has(n)) out.push(n);
  return out;
}

// write seals a note, or an outcome if there is a code, as the next of the readers' chain.
async function write(x: Examined, class_: string, k: Key, n: { at: Date; outcome: string; text: string }): Promise<Bytes> {
  const { envelope } = openable(x);
  const last = lastOf(x, 1);
  const note = {
    at: n.at.toISOString().replace(/\.\d+Z$/, "Z"), person: k.person, ...(n.outcome ? { outcome: n.outcome } : {}),
    ...(n.text ? { text: n.text } : {}), seen: lastOf(x, 0)?.seq ?? 0,
  };
  return sealAppend(k.signing, {
    id: x.id, halves: envelope.halves, seq: (last?.seq ?? 0) + 1, prev: last?.hash ?? envelope.core, kind: n.outcome ? "outcome" : "note",
    context: { school: k.school, class: class_, manifest: toHex(envelope.manifest), policy: toHex(envelope.policy) }, what: { notes: [note] },
  });
}

export async function writeNote(gate: Gate, x: Examined, class_: string, k: Key, text: string): Promise<void> {
  await gate.append(await write(x, class_, k, { at: gate.now(), outcome: "", text }));
}

// decide records an outcome and the order of when the item is erased; "reopened" takes
// an outcome back.
export async function decide(gate: Gate, x: Examined, class_: string, k: Key, outcome: string, text: string, deleteAfter?: string): Promise<void> {
  const at = gate.now();
  const append = await write(x, class_, k, { at, outcome, text });
  await gate.outcome(append, clearOrder(k.signing, { envelope: x.id, deleteAfter: deleteAfter ?? monthsFrom(at, 12), outcome, person: k.person, at }));
}

export function monthsFrom(at: Date, months: number): string {
  const d = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
  return d.toISOString().slice(0, 7);
}
