// SPDX-License-Identifier: Apache-2.0

// An item as a record for the child's file: the same on paper and as text. It holds what
// she has asked to see and no more, and no address that a program could follow.

import { roleNames } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import * as tell from "../tell.ts";
import { type Opened } from "./opened.ts";
import { levelNames } from "./row.ts";
import { limit, noteText, outcomeText } from "./says.ts";
import { at, eventLimits, eventSentence, saw } from "./timeline.ts";
import { labelled } from "./who.ts";

export interface Sheet {
  title: string;
  under: string[];
  parts: { title: string; lines: string[]; numbered?: boolean }[];
  end: string;
}

export function sheet(app: App, item: Opened): Sheet {
  const { me, manifest } = app.desk;
  const l = item.label;
  const m = tell.meaning(item.what.events, l);
  const role = me.title || me.roles.map((r) => roleNames[r])[0] || "";
  return {
    title: "Safeguarding record",
    under: [
      manifest.school.name + (manifest.school.demo ? " (demonstration: everybody in it is invented)" : ""),
      `Taken from Sealwatch on ${full(app.gate.now())}, by ${me.name}${role ? ", " + role : ""}.`,
      `Item ${item.x.number > 0 ? `${item.x.number}, ` : ""}reference ${item.x.id}.`,
    ].map(tell.screen),
    parts: [
      { title: "What happened", lines: [tell.happened(item.what.class, l, item.what.events), `Level: ${levelNames[l.level]!.toLowerCase()}.`, ...span(item)] },
      { title: "Who", lines: who(item) },
      { title: "In time", numbered: true, lines: item.what.events.map((e) => [
        `${full(at(e))}: ${eventSentence(e)}`, ...(item.words ? saw(e).map(([k, v]) => `${k}: ${v}`) : []), ...eventLimits(e),
      ].join("\n")) },
      ...(item.words ? [] : [{ title: "Words and addresses", lines: ["Left out: they were not shown when this was taken."] }]),
      { title: "How sure", lines: [...tell.sure(l, item.what.events).map((g) => g.sentence), limit(l)] },
      { title: "What it may be, and may not be", lines: [m.may, m.mayNot] },
      ...(item.faults.length > 0 ? [{ title: "What is missing or damaged", lines: item.faults }] : []),
      { title: "What was done and decided", lines: item.what.notes.length === 0 ? ["Nothing is written down yet."] : item.what.notes.map((n) => [
        `${full(n.at)}, ${item.writer(n.person)}:`, ...(n.outcome ? [outcomeText(n.outcome)] : []), ...(n.text ? [noteText(n.text)] : []),
      ].join("\n")) },
    ],
    end: "Addresses are spelled so that no program turns them into a link. Nobody should look them up. Keep this in the child’s confidential file and nowhere else.",
  };
}

function span(item: Opened): string[] {
  const { first, last } = item.label;
  if (!first || !last) return [];
  return [first.getTime() === last.getTime() ? `When: ${full(first)}.` : `From ${full(first)} to ${full(last)}.`];
}

function who(item: Opened): string[] {
  if (!item.who) return ["Left out: it was not shown when this was taken."];
  return item.who.who.map((s) => labelled(s).map(([k, v]) => `${k}: ${v}`).join("; ") + ".");
}

function full(t: Date | null): string {
  return tell.sayTime(t, new Date(0));
}

// asText is the record as plain text.
export function asText(s: Sheet): string {
  const indent = (line: string, first: string): string => first + line.replaceAll("\n", "\n" + " ".repeat(first.length));
  return [
    s.title.toUpperCase(), ...s.under, "",
    ...s.parts.flatMap((p) => [p.title, ...p.lines.map((line, i) => indent(line, p.numbered ? `${i + 1}. ` : "- ")), ""]),
    s.end, "",
  ].join("\n");
}

// asPage is the record on paper.
export function asPage(s: Sheet): Child {
  return h("article", { class: "sw-sheet", translate: "no" },
    h("h1", {}, s.title), s.under.map((t) => h("p", { class: "sw-sheet__under" }, t)),
    s.parts.map((p) => h("section", {}, h("h2", {}, p.title), h(p.numbered ? "ol" : "ul", {}, p.lines.map((line) => h("li", {}, line))))),
    h("p", { class: "sw-sheet__end" }, s.end),
    h("p", { class: "sw-sheet__sign" }, "Signed:"), h("p", { class: "sw-sheet__sign" }, "Date and time:"));
}
