// SPDX-License-Identifier: Apache-2.0

// The label: the little that may be known of an item before it is opened.

import { type Bytes, fail, flag, parseJSON, record, time, toText, whole } from "../bytes.ts";
import { unpad } from "./parts.ts";

export const levels = ["none", "low", "medium", "high", "critical"] as const;
export const evidences = ["none", "dns", "host", "url", "words"] as const;
export const intents = ["unclear", "background", "embedded", "navigated", "typed"] as const;
export const attributions = ["D", "C", "B", "A"] as const;

export type Level = (typeof levels)[number];
export type Evidence = (typeof evidences)[number];
export type Intent = (typeof intents)[number];
export type Attribution = (typeof attributions)[number];

export interface Label {
  envelope: string;
  number: number; // running number among this person's items; 0 in the label of an append
  seq: number;
  level: Level;
  first: Date | null;
  last: Date | null;
  events: number;
  evidence: Evidence;
  intent: Intent;
  attribution: Attribution;
  continues: boolean;
}

export function oneOf<T extends string>(v: unknown, of: readonly T[]): T {
  const found = of.find((o) => o === v);
  return found ?? fail("format");
}

export function decodeLabel(v: unknown): Label {
  const j = record(v);
  if (j.v !== 1) fail("version");
  return {
    envelope: typeof j.envelope === "string" ? j.envelope : fail("format"),
    number: whole(j.n),
    seq: whole(j.seq),
    level: oneOf(j.level, levels),
    first: time(j.first),
    last: time(j.last),
    events: whole(j.events),
    evidence: oneOf(j.evidence, evidences),
    intent: oneOf(j.intent, intents),
    attribution: oneOf(j.attribution, attributions),
    continues: flag(j.continues),
  };
}

const labelSize = 512;

// openLabel reads the plain text of an append's label; null leaves it as it was.
export function openLabel(plain: Bytes): Label | null {
  if (plain.length !== labelSize) fail("format");
  const doc = unpad(plain);
  return doc.length === 0 ? null : decodeLabel(parseJSON(toText(doc)));
}
