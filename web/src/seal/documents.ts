// SPDX-License-Identifier: Apache-2.0

// The documents inside the compartments: what happened, and who.

import { type Bytes, equal, fail, flag, fromBase64, list, parseJSON, record, text, time, toHex, toText, whole } from "../bytes.ts";
import { type Append, type Envelope, type Part, schoolHash, unpad } from "./parts.ts";

// Content is bytes that came from a log. As text they are shown only through tell.ts,
// which makes control characters and addresses harmless.
export type Content = string;

export interface Because {
  code: string;
  detail: Content;
}

export interface WhatEvent {
  n: number;
  at: Date | null;
  readAt: Date | null;
  zoneAssumed: boolean;
  source: string;
  dialect: string;
  method: string;
  action: string;
  host: Content;
  address: Content;
  words: Content;
  matched: Content;
  filterCategory: Content;
  filterRule: Content;
  category: string;
  level: string;
  rule: string;
  version: string;
  because: Because[];
  evidence: string;
  intent: string;
  attribution: string;
  listed: boolean;
  personal: boolean;
  cut: boolean;
  unparsed: boolean;
  trimmed: boolean;
  handover: boolean;
}

export interface Note {
  at: Date | null;
  person: string;
  outcome: string;
  text: string;
  seen: number;
}

export interface WhoEvent {
  n: number;
  account: Content;
  device: Content;
  client: Content;
  referrer: Content;
  agent: Content;
  raw: Content;
  cuts: number;
  handover: boolean;
}

export interface What {
  class: string;
  events: WhatEvent[];
  notes: Note[];
}

export interface Who {
  class: string;
  events: WhoEvent[];
}

const loose = new TextDecoder("utf-8");

// exact reads content: a string, or {"base64": …} where a string does not keep it. Bytes
// that are no text are shown as \xNN.
function exact(v: unknown): Content {
  if (v === undefined) return "";
  if (typeof v === "string") return v;
  return visible(fromBase64(record(v).base64));
}

function visible(b: Bytes): Content {
  try {
    return toText(b);
  } catch {
    return loose.decode(b).includes("\uFFFD") ? Array.from(b, (c) => (c >= 0x20 && c < 0x7f ? String.fromCharCode(c) : "\\x" + c.toString(16).padStart(2, "0"))).join("") : loose.decode(b);
  }
}

// checkContext throws "foreign" unless the document was sealed as this part of this
// item, and returns the class.
function checkContext(v: unknown, e: Envelope, part: Part, a: Append | null): string {
  const c = record(v);
  if (c.v !== 1) fail("version");
  const same =
    c.envelope === e.id && typeof c.school === "string" && equal(schoolHash(c.school), e.school) && c.part === part &&
    c.lane === (a?.lane ?? 0) && c.seq === (a?.seq ?? 0) && c.manifest === toHex(e.manifest) && c.policy === toHex(e.policy);
  if (!same) fail("foreign");
  return text(c.class, 1);
}

export function decodeWhat(plain: Bytes, e: Envelope, a: Append | null): What {
  const d = record(parseJSON(toText(unpad(plain))));
  const class_ = checkContext(d.ctx, e, "what", a);
  return { class: class_, events: list(d.events).map(whatEvent), notes: list(d.notes).map(note) };
}

export function decodeWho(plain: Bytes, e: Envelope, a: Append | null): Who {
  const d = record(parseJSON(toText(unpad(plain))));
  const class_ = checkContext(d.ctx, e, "who", a);
  return { class: class_, events: list(d.events).map(whoEvent) };
}

function whatEvent(v: unknown): WhatEvent {
  const e = record(v);
  return {
    n: whole(e.n), at: time(e.at), readAt: time(e.read_at), zoneAssumed: flag(e.zone_assumed),
    source: text(e.source), dialect: text(e.dialect), method: text(e.method), action: text(e.action),
    host: exact(e.host), address: exact(e.address), words: exact(e.words), matched: exact(e.matched),
    filterCategory: exact(e.filter_category), filterRule: exact(e.filter_rule),
    category: text(e.category), level: text(e.level), rule: text(e.rule), version: text(e.version),
    because: list(e.because, 64).map((b) => ({ code: text(record(b).code, 64), detail: exact(record(b).detail) })),
    evidence: text(e.evidence), intent: text(e.intent), attribution: text(e.attribution),
    listed: flag(e.listed), personal: flag(e.personal), cut: flag(e.cut), unparsed: flag(e.unparsed),
    trimmed: flag(e.trimmed), handover: flag(e.handover),
  };
}

function whoEvent(v: unknown): WhoEvent {
  const e = record(v);
  return {
    n: whole(e.n), account: exact(e.account), device: exact(e.device), client: exact(e.client),
    referrer: exact(e.referrer), agent: exact(e.agent), raw: e.raw === undefined ? "" : visible(fromBase64(e.raw)),
    cuts: whole(e.cuts), handover: flag(e.handover),
  };
}

function note(v: unknown): Note {
  const n = record(v);
  return { at: time(n.at), person: text(n.person, 48), outcome: text(n.outcome, 32), text: text(n.text), seen: whole(n.seen) };
}
