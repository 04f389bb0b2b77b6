// SPDX-License-Identifier: Apache-2.0

// One row of the list: what may be known of an item before anybody opens it. Nothing in
// it comes from a log.

import { type Listed } from "../desk.ts";
import { h, svg } from "../page/dom.ts";
import { button } from "../page/kit.ts";
import { type Label, levels } from "../seal/label.ts";
import * as tell from "../tell.ts";

export const levelNames: Record<string, string> = { critical: "Critical", high: "High", medium: "Medium", low: "Low", none: "No level" };

const evidence: Record<string, string> = { words: "the search itself was seen", url: "a page’s address was seen", host: "only a connection to a site was seen", dns: "only a look-up of a name was seen", none: "the line could not be read" };
const intent: Record<string, string> = { typed: "a person sent it", navigated: "a page was opened", embedded: "another page may have done it", background: "a program may have done it", unclear: "we cannot tell whether it was meant" };
const attribution: Record<string, string> = { A: "an account on its own device", B: "an account is named", C: "an account is named, not surely", D: "nobody is named" };

// sureWords is how sure we are, in one line.
export function sureWords(l: Label): string {
  return tell.capital(`${evidence[l.evidence]}; ${intent[l.intent]}; ${attribution[l.attribution]}.`);
}

// often is how many times, and over what time.
export function often(l: Label): string {
  if (l.events <= 1) return "Once.";
  const n = tell.capital(tell.number(l.events));
  return l.first && l.last ? `${n} times ${tell.span(l.last.getTime() - l.first.getTime())}.` : `${n} times.`;
}

// waiting is how long nobody has decided an item, from its first line in the log.
export function waiting(x: Listed, now: Date): string {
  const since = x.label?.first ?? x.label?.last;
  if (!since || x.state === "decided") return "";
  return "waiting " + tell.ago(now.getTime() - since.getTime());
}

const states: Record<string, string> = { new: "Nobody has opened it.", opened: "Opened, not decided.", decided: "Decided.", damaged: "Damaged." };

// bars is the quiet mark of a level: as many full bars as the level is high. The word
// stands beside it.
export function bars(level: string): SVGElement {
  const full = levels.indexOf(level as (typeof levels)[number]);
  return svg("svg", { class: "sw-bars", viewBox: "0 0 30 22", width: 30, height: 22, "aria-hidden": "true", focusable: "false" },
    [0, 1, 2, 3].map((i) => svg("rect", { x: 1 + 7.5 * i, y: 15 - 4.5 * i, width: 5, height: 6 + 4.5 * i, class: i < full ? "sw-dot-full" : "sw-dot" })));
}

// damaged says what is wrong with a row, in words; "" if nothing is.
export function damage(x: Listed): string {
  if (x.state !== "damaged" && x.faults.length > 0) return tell.faults(x.faults).join(" ");
  return x.state === "damaged" || !x.label ? "The part that says whom this item is for cannot be read, so it is shown to everybody who reads first." : "";
}

export interface RowOptions {
  now: Date;
  draft: boolean; // something was begun to be written about it
  fresh: boolean; // it came after the list was first shown
  open: (x: Listed) => void | Promise<void>;
}

export function row(x: Listed, o: RowOptions): HTMLLIElement {
  const l = x.label;
  const name = x.number > 0 ? `Item ${x.number}` : "An item without a number";
  const wrong = damage(x);
  const when = l ? tell.sayTime(l.last, o.now) : "";
  const head = [l ? levelNames[l.level] : "We cannot tell how grave this is", when, waiting(x, o.now)].filter(Boolean);
  const press = button(x.state === "decided" ? "Open again" : "Open", () => o.open(x), "secondary");
  press.append(h("span", { class: "govuk-visually-hidden" }, `${name.charAt(0).toLowerCase() + name.slice(1)}, ${head.join(", ")}`));
  return h("li", { class: "sw-row", "data-id": x.id },
    h("div", { class: "sw-row__mark" }, bars(l?.level ?? "none")),
    h("div", { class: "sw-row__text" },
      h("p", { class: "sw-row__head" }, h("strong", {}, head[0]!), head.slice(1).map((t) => [" · ", t])),
      l ? h("p", {}, often(l), " ", sureWords(l)) : null,
      l?.continues ? h("p", {}, "May continue an earlier item.") : null,
      wrong ? h("p", {}, h("strong", {}, "Damaged. "), wrong, " Tell the headteacher today.") : null,
      h("p", { class: "sw-row__state" }, name, ". ", states[x.state === "damaged" && !wrong ? "new" : x.state] ?? "",
        x.rung > 0 ? " It came to you because those before you did not open it." : "", o.fresh ? h("strong", {}, " New since you came.") : null,
        o.draft ? h("strong", {}, " You have begun to write about it.") : null)),
    h("div", { class: "sw-row__open" }, l && x.state !== "damaged" ? press : null));
}
