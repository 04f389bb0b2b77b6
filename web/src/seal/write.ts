// SPDX-License-Identifier: Apache-2.0

// What a reader signs: share requests, clear orders, notes and outcomes.

import { type Bytes, Writer, concat, fail, fromHex, fromText, random } from "../bytes.ts";
import { type Halves, type Kind, type Part, kinds, parts } from "./parts.ts";
import { type SigningKey, encryptTo, sha256 } from "./sign.ts";

export type Purpose = "triage" | "review" | "evidence" | "audit" | "rehearsal";

const partNumber: Record<Part, number> = { what: 1, who: 2, handover: 3 };

export function shareRequest(key: SigningKey, q: { envelope: string; part: Part; person: string; at: Date; purpose: Purpose }): Bytes {
  const b = new Writer().ascii("SWP1").fixed(fromHex(q.envelope, 16)).u8(partNumber[q.part]).text(q.person).fixed(random(16)).time(q.at).text(q.purpose).done();
  return concat(b, key.sign("share", b));
}

export function clearOrder(key: SigningKey, c: { envelope: string; deleteAfter: string; outcome: string; person: string; at: Date }): Bytes {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(c.deleteAfter)) fail("value");
  const b = new Writer().ascii("SWC1").fixed(fromHex(c.envelope, 16)).text(c.deleteAfter).text(c.outcome).text(c.person).time(c.at).done();
  return concat(b, key.sign("clear", b));
}

// The sizes that the documents of an append are padded to, in bytes.
const buckets = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10];
const labelSize = 512;

export interface Addition {
  id: string;
  halves: Halves;
  seq: number;
  prev: Bytes;
  kind: Kind;
  context: { school: string; class: string; manifest: string; policy: string };
  what: object; // beside the context: {notes: […]}
}

// sealAppend seals and signs a note or an outcome as docs/formats.md lays it out.
export async function sealAppend(key: SigningKey, in_: Addition): Promise<Bytes> {
  const context = (part: Part): object => ({
    v: 1, envelope: in_.id, school: in_.context.school, class: in_.context.class, manifest: in_.context.manifest,
    policy: in_.context.policy, part, lane: in_.kind === "events" ? 0 : 1, seq: in_.seq,
  });
  const docs = parts.map((p) => fromText(JSON.stringify({ ctx: context(p), ...(p === "what" ? in_.what : {}) })));
  const longest = Math.max(...docs.map((d) => d.length));
  const size = buckets.find((b) => longest + 4 <= b) ?? fail("size");
  const files: Bytes[] = [];
  for (const [i, p] of parts.entries()) files.push(await encryptTo(pad(docs[i]!, size), in_.halves[p]));
  files.push(await encryptTo(pad(new Uint8Array(0), labelSize), in_.halves.label));
  const w = new Writer().ascii("SWA1").fixed(fromHex(in_.id, 16)).u32(in_.seq).fixed(in_.prev).fixed(key.publicKey).u8(kinds[in_.kind]);
  for (const f of files) w.fixed(sha256(f));
  const head = w.done();
  const out = new Writer().fixed(head).fixed(key.sign("append", head));
  for (const f of files) out.bytes(f);
  return out.done();
}

function pad(doc: Uint8Array, size: number): Bytes {
  const w = new Writer().bytes(doc);
  return w.fixed(new Uint8Array(size - 4 - doc.length)).done();
}
