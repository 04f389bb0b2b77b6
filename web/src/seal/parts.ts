// SPDX-License-Identifier: Apache-2.0

// The parts of an item as docs/formats.md has them: envelope, lock set, lock, append.
// Each parse function checks all that the part alone can show.

import { type Bytes, MaxPart, Reader, allZero, equal, fail, parseJSON, toHex, toText } from "../bytes.ts";
import { type Label, decodeLabel } from "./label.ts";
import { SecretSize, SignatureSize, checkIdentity, checkRecipient, decrypt, recipientOf, sha256, verify } from "./sign.ts";

export type Part = "what" | "who" | "handover";
export const parts: readonly Part[] = ["what", "who", "handover"];

const maxLock = 8 << 10;
const lockSize = 1024;
export const Slots = 8;

export interface Halves {
  what: string;
  who: string;
  handover: string;
  label: string;
}

export interface Envelope {
  id: string;
  school: Bytes;
  halves: Halves;
  manifest: Bytes;
  policy: Bytes;
  sealer: Bytes;
  bodies: Record<Part, Bytes>;
  core: Bytes; // its hash
}

export function parseEnvelope(data: Uint8Array): Envelope {
  const r = new Reader(data);
  r.magic("SWE1");
  const id = toHex(r.fixed(16));
  const school = r.fixed(32);
  // Whether these are keys is asked after the signature.
  const half = (): string => String.fromCharCode(...r.bytes(2048));
  const halves = { what: half(), who: half(), handover: half(), label: half() };
  const manifest = r.fixed(32);
  const policy = r.fixed(32);
  const hashes = [r.fixed(32), r.fixed(32), r.fixed(32)];
  const sealer = r.fixed(32);
  const head = r.before();
  const signature = r.fixed(SignatureSize);
  const core = r.before();
  const bodies = { what: r.bytes(MaxPart), who: r.bytes(MaxPart), handover: r.bytes(MaxPart) };
  r.done();
  parts.forEach((p, i) => {
    if (!equal(sha256(bodies[p]), hashes[i]!)) fail("damaged");
  });
  if (!verify("envelope", head, signature, sealer)) fail("signature");
  for (const h of Object.values(halves)) checkHalf(h);
  return { id, school, halves, manifest, policy, sealer, bodies, core: sha256(core) };
}

function checkHalf(text: string): void {
  try {
    checkRecipient(text);
  } catch {
    fail("format");
  }
}

export function schoolHash(school: string): Bytes {
  return sha256(new TextEncoder().encode("sealwatch/school/v1\n" + school));
}

export interface LockSet {
  id: string;
  number: number;
  prev: Bytes;
  hashes: Bytes[];
  signer: Bytes;
  hash: Bytes; // of the header
}

export function parseLockHeader(data: Uint8Array): LockSet {
  const r = new Reader(data);
  r.magic("SWL1");
  const id = toHex(r.fixed(16));
  const number = r.u32();
  const prev = r.fixed(32);
  const hashes = Array.from({ length: Slots }, () => r.fixed(32));
  r.fixed(32); // hash of the hand-over lock
  const signer = r.fixed(32);
  const head = r.before();
  const signature = r.fixed(SignatureSize);
  r.done();
  if (!verify("locks", head, signature, signer)) fail("signature");
  return { id, number, prev, hashes, signer, hash: sha256(data) };
}

// belongs reports whether a lock is one of the set's.
export function belongs(set: LockSet, lock: Uint8Array): boolean {
  const h = sha256(lock);
  return set.hashes.some((want) => equal(want, h));
}

export interface LockContent {
  envelope: string;
  number: number;
  halves: Record<"what" | "who", Bytes>; // the A of each
  labels: string; // identity that opens labels of appends
  label: Label;
}

export async function openLock(lock: Uint8Array, identity: string): Promise<LockContent> {
  if (lock.length > maxLock) fail("size");
  const plain = await decrypt(lock, identity);
  try {
    if (plain.length !== lockSize) fail("format");
    const r = new Reader(plain);
    r.magic("SWK1");
    const kind = r.u8();
    const envelope = toHex(r.fixed(16));
    const number = r.u32();
    const halves = { what: r.fixed(SecretSize), who: r.fixed(SecretSize) };
    const labels = toText(r.fixed(SecretSize));
    const label = r.bytes(lockSize);
    if (kind !== 1 || !allZero(r.rest())) fail("format");
    return { envelope, number, halves, labels: checkIdentity(labels), label: decodeLabel(parseJSON(toText(label))) };
  } finally {
    plain.fill(0);
  }
}

// join puts the identity of a compartment together, and throws "share" unless it is
// the one that the public half belongs to.
export async function join(a: Uint8Array, b: Uint8Array, half: string): Promise<string> {
  if (a.length !== SecretSize || b.length !== SecretSize) fail("share");
  const text = String.fromCharCode(...a.map((v, i) => v ^ b[i]!));
  let public_: string;
  try {
    public_ = await recipientOf(text);
  } catch {
    return fail("share");
  }
  if (public_ !== half) fail("share");
  return text;
}

export type Lane = 0 | 1; // the sealer's, the readers'
export const kinds = { events: 1, note: 2, outcome: 3 } as const;
export type Kind = keyof typeof kinds;

export interface Append {
  id: string;
  seq: number;
  prev: Bytes;
  author: Bytes;
  kind: number;
  lane: Lane;
  bodies: Record<Part, Bytes>;
  label: Bytes;
  hash: Bytes;
}

// An AppendHead is what the signature of an append covers: enough to trust its label
// without the rest.
export interface AppendHead {
  id: string;
  seq: number;
  prev: Bytes;
  author: Bytes;
  kind: number;
  lane: Lane;
  hashes: Bytes[];
  hash: Bytes;
}

// readAppendHead reads as far as the signature; checked gives the rest once what it
// covers has been looked at.
function readAppendHead(r: Reader): { head: AppendHead; checked: () => void } {
  r.magic("SWA1");
  const id = toHex(r.fixed(16));
  const seq = r.u32();
  const prev = r.fixed(32);
  const author = r.fixed(32);
  const kind = r.u8();
  const hashes = [r.fixed(32), r.fixed(32), r.fixed(32), r.fixed(32)];
  const head = r.before();
  const signature = r.fixed(SignatureSize);
  if (seq === 0 || kind < 1 || kind > 3) fail("format");
  return {
    head: { id, seq, prev, author, kind, lane: kind === kinds.events ? 0 : 1, hashes, hash: sha256(r.before()) },
    checked: () => {
      if (!verify("append", head, signature, author)) fail("signature");
    },
  };
}

export function parseAppendHead(data: Uint8Array): AppendHead {
  const r = new Reader(data);
  const { head, checked } = readAppendHead(r);
  r.done();
  checked();
  return head;
}

export function parseAppend(data: Uint8Array): Append {
  const r = new Reader(data);
  const { head: h, checked } = readAppendHead(r);
  const bodies = { what: r.bytes(MaxPart), who: r.bytes(MaxPart), handover: r.bytes(MaxPart) };
  const label = r.bytes(maxLock);
  r.done();
  [...parts.map((p) => bodies[p]), label].forEach((b, i) => {
    if (!equal(sha256(b), h.hashes[i]!)) fail("damaged");
  });
  checked();
  return { ...h, bodies, label };
}

// unpad returns what was padded; the filling must be zeros.
export function unpad(plain: Uint8Array): Bytes {
  const r = new Reader(plain);
  const n = r.u32();
  if (n > plain.length - 4) fail("format");
  const doc = r.fixed(n);
  if (!allZero(r.rest())) fail("format");
  return doc;
}
