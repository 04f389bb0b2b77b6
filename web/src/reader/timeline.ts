// SPDX-License-Identifier: Apache-2.0

// What happened, in time: a small picture, and beside it a list that carries everything
// the picture does. An address is text here: nothing can follow it.

import { type Child, fresh, h, svg } from "../page/dom.ts";
import { button, content, para } from "../page/kit.ts";
import { type WhatEvent } from "../seal/documents.ts";
import { levels } from "../seal/label.ts";
import * as tell from "../tell.ts";
import { type Opened } from "./opened.ts";

const chunk = 20; // events that are drawn at once

export function happening(item: Opened): Child {
  const id = fresh("happened");
  const events = item.what.events;
  return h("section", { "aria-labelledby": id }, h("h2", { class: "govuk-heading-m", id }, "What happened"),
    picture(events), eventList(item, events));
}

function eventList(item: Opened, events: WhatEvent[]): Child {
  const many = days(events) > 1;
  const make = (e: WhatEvent): HTMLLIElement => h("li", { class: "sw-event" },
    h("div", { class: "sw-event__time" }, eventTime(e, many)),
    h("div", {}, h("p", {}, eventSentence(e)), item.words ? saw(e).map(([k, v]) => h("p", {}, k, ": ", content(v))) : null,
      eventLimits(e).map((t) => h("p", { class: "sw-quiet" }, t))));
  let n = chunk;
  const ol = h("ol", { class: "sw-events" }, events.slice(0, n).map(make));
  if (events.length <= n) return ol;
  const more = button(`Show all ${events.length}`, () => {
    const first = make(events[n]!);
    first.tabIndex = -1;
    ol.append(first, ...events.slice(n + 1).map(make));
    n = events.length;
    more.remove();
    first.focus();
  }, "secondary");
  return [ol, more];
}

export function at(e: WhatEvent): Date | null {
  return e.at ?? e.readAt;
}

function days(events: WhatEvent[]): number {
  return new Set(events.map((e) => tell.sayTime(at(e), new Date(0)).split(",")[0])).size;
}

function eventTime(e: WhatEvent, many: boolean): string {
  const t = at(e);
  if (!t) return "no time";
  return many ? tell.sayTime(t, new Date(0)) : tell.clock(t);
}

// eventSentence is what was done, and what the filter did, without what was written.
export function eventSentence(e: WhatEvent): string {
  return `${tell.did(e)}; ${tell.filterDid(e.action)}.`;
}

// saw is what was written, each with its name. An address for hand-over is never here.
export function saw(e: WhatEvent): [string, string][] {
  if (e.handover) return [];
  const out: [string, string][] = [];
  if (e.words !== "") out.push(["Words", tell.quoted(e.words)]);
  if (e.address !== "" || e.host !== "") out.push([e.address !== "" ? "Address" : "Site", tell.defang(e.address || e.host)]);
  if (e.filterCategory !== "") out.push(["The filter calls it", tell.defangWords(e.filterCategory)]);
  if (e.filterRule !== "") out.push(["The filter’s rule", tell.defangWords(e.filterRule)]);
  return out;
}

// eventLimits is what is to be known of one line of the log.
export function eventLimits(e: WhatEvent): string[] {
  const out: string[] = [];
  if (e.handover) out.push("The address is locked for hand-over to the police. It is not shown here to anybody.");
  if (!e.at && e.readAt) out.push("The log gives no time. This is when the line was read.");
  else if (e.zoneAssumed) out.push("The log does not say its time zone. We took the school’s.");
  if (e.unparsed) out.push("The line could not be read as a whole.");
  if (e.trimmed) out.push("The line was longer than what is kept.");
  if (e.cut) out.push("A password, card number or the like was cut out.");
  return out;
}

// picture is a line with a mark for each event: full where the filter let it through, a
// ring where it did not. It says nothing that the list does not.
function picture(events: WhatEvent[]): Child {
  const timed = events.filter((e) => at(e) !== null);
  const from = Math.min(...timed.map((e) => at(e)!.getTime()));
  const to = Math.max(...timed.map((e) => at(e)!.getTime()));
  if (timed.length < 2 || to - from < 1000) return null;
  const x = (t: number): string => `${(3 + (94 * (t - from)) / (to - from)).toFixed(2)}%`;
  const many = days(timed) > 1;
  const end = (t: number): string => (many ? tell.sayTime(new Date(t), new Date(0)) : tell.clock(new Date(t)));
  const anyStopped = timed.some((e) => e.action !== "allow");
  return h("div", { class: "sw-timeline" },
    svg("svg", { width: "100%", height: 36, "aria-hidden": "true", focusable: "false" },
      svg("line", { x1: "1%", x2: "99%", y1: 18, y2: 18, class: "sw-axis" }),
      timed.slice(0, 500).map((e) => svg("circle", { cx: x(at(e)!.getTime()), cy: 18, r: 4 + 1.5 * Math.max(0, levels.indexOf(e.level as (typeof levels)[number])), class: e.action === "allow" ? "sw-dot-full" : "sw-dot" }))),
    h("div", { class: "sw-timeline__ends", "aria-hidden": "true" }, h("span", {}, end(from)), h("span", {}, end(to))),
    anyStopped ? para(h("span", { class: "sw-quiet", "aria-hidden": "true" }, "Full: the filter let it through. Ring: it did not, or we cannot tell. Larger: graver.")) : null);
}
