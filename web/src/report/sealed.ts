// SPDX-License-Identifier: Apache-2.0

// A report as it is sealed: docs/formats.md, Report. Every one has the same length, so that its
// size tells nothing.

import { type Bytes, SealError, fromText, parseJSON, random, record, text, time, toText, whole } from "../bytes.ts";
import { type Gate } from "../gate.ts";
import { decrypt, encryptTo } from "../seal/sign.ts";

export const kinds = {
  popup: "It just popped up", saw: "I saw something", shown: "Somebody showed or sent it to me", worry: "I am worried about somebody", exposure: "A technician came across something",
} as const;
export type Kind = keyof typeof kinds;

export interface Report {
  kind: Kind;
  receipt: string;
  at: Date | null;
  where: string;
  words: string;
  from: string; // "" for whoever does not want to say
}

const size = 8192;

export async function sealReport(r: Report, to: string[]): Promise<Bytes> {
  const doc = fromText(JSON.stringify({ v: 1, kind: r.kind, receipt: r.receipt, at: r.at?.toISOString().replace(/\.\d+Z$/, "Z"), where: r.where, words: r.words, from: r.from }));
  if (doc.length > size) throw new SealError("size");
  const plain = new Uint8Array(size).fill(0x20);
  plain.set(doc);
  return encryptTo(plain, ...to);
}

export async function openReport(box: Bytes, identity: string): Promise<Report> {
  const v = record(parseJSON(toText(await decrypt(box, identity))));
  if (whole(v.v) !== 1) throw new SealError("version");
  const kind = text(v.kind, 20);
  if (!(kind in kinds)) throw new SealError("format");
  return { kind: kind as Kind, receipt: text(v.receipt, 20), at: time(v.at), where: text(v.where, 1000), words: text(v.words, 4000), from: text(v.from, 1000) };
}

// newReceipt is a number that the writer keeps, and that stands in the sealed report.
export function newReceipt(): string {
  const b = random(8);
  const digits = [...b].map((x) => x % 10).join("");
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}

export async function sendReport(gate: Gate, r: Report): Promise<void> {
  const to = await gate.reportTo();
  if (to.length === 0) throw new SealError("missing");
  await gate.report(await sealReport(r, to));
}
