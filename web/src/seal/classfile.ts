// SPDX-License-Identifier: Apache-2.0

// Class files: what everybody who may read one class has in common, such as the roster.
// The layout is in docs/formats.md; internal/seal has the same.

import { type Bytes, MaxPart, Reader, Writer, allZero, concat, equal, fail, random, toHex } from "../bytes.ts";
import { join, schoolHash, unpad } from "./parts.ts";
import { SecretSize, SignatureSize, type SigningKey, checkRecipient, decrypt, encryptTo, makeIdentity, sha256, verify } from "./sign.ts";

export const fileKinds = { roster: 1, cards: 2 } as const;
export type FileKind = keyof typeof fileKinds;

// Classes in the order of their numbers: P is 1.
export const classes = ["P", "S", "D", "H", "T"] as const;
export type Class = (typeof classes)[number];

// Sizes in bytes.
const step = 64 << 10;
export const maxFileBody = (1 << 20) - 4;
const maxLock = 64 << 10;
const maxBody = (1 << 20) + (8 << 10);

export interface ClassFile {
  kind: FileKind;
  class: Class;
  id: string;
  school: Bytes;
  manifest: Bytes;
  number: number;
  prev: Bytes;
  half: string;
  signer: Bytes;
  lock: Bytes;
  body: Bytes;
  hash: Bytes;
}

// parseClassFile checks all that a file alone can show.
export function parseClassFile(data: Uint8Array): ClassFile {
  if (data.length > MaxPart) fail("size");
  const r = new Reader(data);
  r.magic("SWF1");
  const kind = r.u8();
  const class_ = r.u8();
  const id = toHex(r.fixed(16));
  const school = r.fixed(32);
  const manifest = r.fixed(32);
  const number = r.u32();
  const prev = r.fixed(32);
  const half = r.text(2048);
  const hashes = [r.fixed(32), r.fixed(32)];
  const signer = r.fixed(32);
  const head = r.before();
  const signature = r.fixed(SignatureSize);
  const whole = r.before();
  const lock = r.bytes(maxLock);
  const body = r.bytes(maxBody);
  r.done();
  const name = (Object.keys(fileKinds) as FileKind[]).find((k) => fileKinds[k] === kind);
  const letter = classes[class_ - 1];
  if (!name || !letter || number === 0 || (number === 1) !== allZero(prev)) fail("format");
  if (!equal(sha256(lock), hashes[0]!) || !equal(sha256(body), hashes[1]!)) fail("damaged");
  if (!verify("file", head, signature, signer)) fail("signature");
  try {
    checkRecipient(half);
  } catch {
    fail("format");
  }
  return { kind: name, class: letter, id, school, manifest, number, prev, half, signer, lock, body, hash: sha256(whole) };
}

// verifyClassFile checks that f follows prev, null for the first that this browser
// sees, in this school, and is signed by somebody who may write for the class.
export function verifyClassFile(prev: ClassFile | null, f: ClassFile, school: string, signers: Bytes[]): void {
  if (!equal(f.school, schoolHash(school))) fail("foreign");
  if (prev) {
    if (prev.kind !== f.kind || prev.class !== f.class) fail("foreign");
    if (f.number < prev.number || (f.number === prev.number && !equal(f.hash, prev.hash))) fail("chain");
    if (f.number === prev.number + 1 && !equal(f.prev, prev.hash)) fail("chain");
  }
  if (!signers.some((k) => equal(k, f.signer))) fail("signer");
}

// openClassFile opens the body with the share that the gate released.
export async function openClassFile(f: ClassFile, identity: string, share: Uint8Array): Promise<Bytes> {
  let a: Bytes;
  try {
    a = await decrypt(f.lock, identity);
  } catch {
    return fail("not-yours");
  }
  return unpad(await decrypt(f.body, await join(a, share, f.half)));
}

export interface NewFile {
  kind: FileKind;
  class: Class;
  school: string;
  manifest: Bytes; // its hash
  prev: ClassFile | null;
  to: string[]; // everybody who may read, and the recovery key
  vault: string;
}

// sealClassFile seals a document for everybody in to. The shares go to the vault.
export async function sealClassFile(key: SigningKey, n: NewFile, doc: Uint8Array): Promise<{ file: Bytes; shares: Bytes; id: string }> {
  if (doc.length > maxFileBody) fail("size");
  const id = random(16);
  const { identity, recipient } = await makeIdentity();
  const a = random(SecretSize);
  const b = new Uint8Array(SecretSize);
  for (let i = 0; i < SecretSize; i++) b[i] = identity.charCodeAt(i) ^ a[i]!;
  const lock = await encryptTo(a, ...n.to);
  const plain = new Uint8Array(Math.ceil((doc.length + 4) / step) * step);
  plain.set(new Writer().bytes(doc).done());
  const body = await encryptTo(plain, recipient);
  plain.fill(0);
  const head = new Writer().ascii("SWF1").u8(fileKinds[n.kind]).u8(classes.indexOf(n.class) + 1).fixed(id).fixed(schoolHash(n.school))
    .fixed(n.manifest).u32((n.prev?.number ?? 0) + 1).fixed(n.prev?.hash ?? new Uint8Array(32)).text(recipient)
    .fixed(sha256(lock)).fixed(sha256(body)).fixed(key.publicKey).done();
  const file = new Writer().fixed(head).fixed(key.sign("file", head)).bytes(lock).bytes(body).done();
  // A file has one compartment; the places of the other two are filled.
  const shares = await encryptTo(concat(new Writer().ascii("SWH1").fixed(id).done(), b, random(SecretSize), random(SecretSize)), n.vault);
  a.fill(0);
  b.fill(0);
  return { file, shares, id: toHex(id) };
}
