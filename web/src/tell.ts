// SPDX-License-Identifier: Apache-2.0

// Says an opened item in plain words, in the same sentences as sealopen: the tables come
// from internal/unseal/tell. It says no more than the log shows. Content passes through
// screen and defang, so that nothing in it can steer a page, or become a link.

import tables from "./gen/tell.json";
import { type Fault } from "./unseal.ts";
import { type WhatEvent } from "./seal/documents.ts";
import { type Label, levels } from "./seal/label.ts";

interface Meaning {
  about: string;
  may: string;
  often: string;
}

export interface Grade {
  grade: string;
  code: string;
  dots: number;
  sentence: string;
  because: string[];
}

const meanings = tables.meanings as Record<string, Meaning>;
const reasonTable = tables.reasons as Record<string, { of: number; says: string }>;
export const outcomes = tables.outcomes as Record<string, string>;

// screen makes what is not printable visible: control characters, marks that turn the
// direction of writing, lone surrogates.
export function screen(s: string): string {
  return s.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|[^\S ]/gu, (c) => {
    const n = c.codePointAt(0)!;
    return n < 0x100 ? "\\x" + n.toString(16).padStart(2, "0") : n < 0x10000 ? "\\u" + n.toString(16).padStart(4, "0") : "\\U" + n.toString(16).padStart(8, "0");
  });
}

const web = /(h)tt(ps?)\b/gi;

// defang makes an address that no program turns into a link.
export function defang(address: string): string {
  return screen(address).replaceAll(web, "$1xx$2").replaceAll("://", "[:]//").replaceAll(".", "[.]");
}

// defangWords does the same for addresses in the middle of what somebody typed.
export function defangWords(words: string): string {
  let s = screen(words);
  if (s.includes("://")) s = s.replaceAll(web, "$1xx$2").replaceAll("://", "[:]//");
  const host = /([\p{L}\d])\.(\p{L})|(\p{L})\.(\d)/gu;
  for (let i = 0; i < 2; i++) s = s.replaceAll(host, (_, a, b, c, d) => `${a ?? c}[.]${b ?? d}`);
  return s;
}

export function quoted(words: string): string {
  return "“" + defangWords(words) + "”";
}

function subject(class_: string, l: Label): string {
  switch (class_) {
    case "S":
      return "A staff account";
    case "D":
      return "An account of the safeguarding team";
    case "H":
      return "The headteacher’s account";
    case "T":
      return "An account of the technicians";
  }
  return l.attribution === "D" ? "Somebody whom the log does not name" : "A pupil account";
}

function verb(e: WhatEvent): string {
  if (e.evidence === "words" || e.words !== "") return " searched for words about ";
  if (e.evidence === "url") return " asked for a page about ";
  if (e.evidence === "host") return " was connected to a site about ";
  if (e.evidence === "dns") return " was at a device that asked for the name of a site about ";
  return " left a line in the filter’s log that may be about ";
}

// did is what one line of the log shows, without what was written.
export function did(e: WhatEvent): string {
  const what = e.category === "" ? "something that concerned us" : about(e.category);
  if (e.handover) return "Asked for an address on a list of illegal material";
  if (e.evidence === "words" || e.words !== "") return "Searched for words about " + what;
  if (e.evidence === "url") return "Asked for a page about " + what;
  if (e.evidence === "host") return "Was connected to a site about " + what;
  if (e.evidence === "dns") return "Asked for the name of a site about " + what;
  return "Left a line in the filter’s log that may be about " + what;
}

function about(category: string): string {
  return meanings[category]?.about ?? `something that this program has no words for (${screen(category)})`;
}

export function gravest(events: WhatEvent[]): WhatEvent | undefined {
  let best: WhatEvent | undefined;
  let top = 0;
  for (const e of events) {
    const l = levels.indexOf(e.level as (typeof levels)[number]);
    if (l > top) [best, top] = [e, l];
  }
  return best;
}

// happened is the one sentence of an item.
export function happened(class_: string, l: Label, events: WhatEvent[]): string {
  const g = gravest(events);
  const handover = events.some((e) => e.handover);
  let s = subject(class_, l);
  if (handover) s += " asked for an address that is on a list of illegal material.";
  else if (!g || g.category === "") s += " did something that concerned us, but the part that says what cannot be opened.";
  else s += verb(g) + about(g.category) + ".";
  if (l.events > 1 && l.first && l.last) s += ` ${capital(number(l.events))} times ${span(l.last.getTime() - l.first.getTime())}.`;
  if (l.continues) s += " This may continue an earlier item: the machine was restarted in between.";
  return s;
}

export function meaning(events: WhatEvent[], l: Label): { may: string; mayNot: string } {
  const m = events.some((e) => e.handover) ? meanings.csam : meanings[gravest(events)?.category ?? ""];
  const unseen = (tables.unseen as Record<string, string>)[l.evidence] ?? "";
  return { may: m?.may ?? "We cannot tell.", mayNot: `${unseen} It may also be ${m?.often ?? "something ordinary"}.` };
}

// sure are the three answers to "how sure are we", with their reasons.
export function sure(l: Label, events: WhatEvent[]): Grade[] {
  const because: string[][] = [[], [], []];
  for (const e of events) {
    for (const b of e.because) {
      const r = reasonTable[b.code] ?? { of: 0, says: `Another reason, which this program has no words for (${screen(b.code)}).` };
      const s = r.says.replace(/\.$/, "") + (b.detail ? ": " + quoted(b.detail) : "") + ".";
      if (!because[r.of]!.includes(s)) because[r.of]!.push(s);
    }
  }
  const grades = [tables.evidence[l.evidence], tables.intent[l.intent], tables.attribution[l.attribution]];
  return grades.map((g, i) => ({ ...g, because: because[i]! }));
}

// next are the steps, most urgent first. first names the school's first contact.
export function next(level: string, class_: string, handover: boolean): string[] {
  const steps: string[] = [];
  const adult = class_ !== "P" && class_ !== "";
  if (level === "critical" && !adult && !handover) {
    steps.push("Find out where the child is. Do not send a message first: go, or send an adult they trust.",
      "Stay with them. You do not need to see the screen. Nobody should open the sites.", "If they may act now, call 999.");
  } else if (level === "critical" && adult && !handover) {
    steps.push("Find out whether the person, or anybody else, is in danger now. If so, call 999.", "Follow the procedure for concerns about adults who work with children.");
  } else if (level === "high") {
    steps.push("Look into this today, before the end of the school day. Speak with somebody who knows the person.");
  } else if (level === "medium") {
    steps.push("Look at this together with what is already known of the person.");
  } else if (level === "low") {
    steps.push("Keep this in mind. Alone it asks for nothing today.");
  }
  if (handover) {
    steps.push("The address is locked for hand-over to the police. Nobody in the school can or should open it, look it up or print it.",
      "Call the police (101; 999 if a child is in danger now) and say that you hold a sealed record for them.",
      "Leave the device switched as it is, and let nobody use it. Ask for it to be preserved by a written request.");
  }
  return [...steps, "Then write down what you decided, below."];
}

const partNames: Record<string, string> = {
  envelope: "The sealed record itself", locks: "The set of locks", append: "A later addition to this item", label: "The label of a later addition",
  what: "A part that says what happened", who: "A part that says who it was", events: "One of the things that happened",
};

// fault says in words what is missing or damaged.
export function fault(f: Fault): string {
  const part = (partNames[f.part] ?? "A part of this item") + (f.n > 0 ? ` (number ${f.n})` : "");
  switch (f.code) {
    case "missing":
      return part + " is missing.";
    case "not-yours":
      return part + " does not open with your key.";
    case "signer":
      return part + " was signed by somebody who may not. Do not rely on it.";
    case "chain":
      return part + " does not follow on from the one before: something was left out, repeated or put in.";
    case "foreign":
      return part + " belongs to another item. Somebody may have exchanged it.";
    case "version":
      return part + " was written by a newer version of Sealwatch than this program.";
  }
  return part + " is damaged and cannot be shown.";
}

export function faults(...all: Fault[][]): string[] {
  return [...new Set(all.flat().map(fault))];
}

export function filterDid(action: string): string {
  const says: Record<string, string> = {
    allow: "the filter let it through", block: "the filter stopped it", warn: "the filter showed a warning",
    auth: "the filter asked for a name", error: "it did not work",
  };
  return says[action] ?? "we cannot tell whether the filter let it through";
}

// Times, as people say them, by the clock on a school's wall.
const zone = "Europe/London";
const clockFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
const weekdayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "long" });
const longFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "long", day: "numeric", month: "long", year: "numeric" });

export function clock(t: Date): string {
  return clockFormat.format(t);
}

export function sayTime(t: Date | null, now: Date): string {
  if (!t) return "at a time that the log does not say";
  const at = clock(t);
  switch (days(t, now)) {
    case 0:
      return "today " + at;
    case 1:
      return "yesterday " + at;
    case 2: case 3: case 4: case 5: case 6:
      return `${weekdayFormat.format(t)} ${at}`;
  }
  return `${longFormat.format(t).replace(",", "")}, ${at}`;
}

function days(t: Date, now: Date): number {
  const day = (d: Date): number => {
    const p = Object.fromEntries(dayFormat.formatToParts(d).map((x) => [x.type, x.value]));
    return Date.UTC(Number(p.year), Number(p.month) - 1, Number(p.day));
  };
  return Math.round((day(now) - day(t)) / 86_400_000);
}

// ago says how long something has waited.
export function ago(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return count(minutes, "minute", "minutes");
  if (minutes < 48 * 60) return count(Math.floor(minutes / 60), "hour", "hours");
  return count(Math.floor(minutes / 1440), "day", "days");
}

export function span(ms: number): string {
  const m = 60_000;
  if (ms < m) return "within a minute";
  if (ms < 60 * m) return "in " + count(Math.floor(ms / m) + 1, "minute", "minutes");
  if (ms < 48 * 60 * m) return "in " + count(Math.floor(ms / (60 * m)) + 1, "hour", "hours");
  return "in " + count(Math.floor(ms / (1440 * m)) + 1, "day", "days");
}

export function count(n: number, one: string, many: string): string {
  return n === 1 ? `one ${one}` : `${number(n)} ${many}`;
}

const numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

export function number(n: number): string {
  return numbers[n] ?? String(n);
}

export function capital(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1);
}
