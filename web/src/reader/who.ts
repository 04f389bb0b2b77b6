// SPDX-License-Identifier: Apache-2.0

// Who it was: hidden until she asks, because one reads fairer without a name.

import { type App } from "../page/app.ts";
import { type Child, fresh, h, replace } from "../page/dom.ts";
import { button, content, details, para, summary } from "../page/kit.ts";
import * as tell from "../tell.ts";
import { type Opened, type Someone } from "./opened.ts";

export function whoPart(app: App, item: Opened, changed: () => void): HTMLElement {
  const id = fresh("who");
  const title = h("h2", { class: "govuk-heading-m", id, tabindex: -1 }, "Who");
  const place = h("div");
  const wrong = h("div");
  const draw = (): void => replace(place, item.who ? shown(item) : [
    para(h("strong", {}, "Hidden until you ask.")), para("Shown to you, recorded for the head."),
    item.what.class === "P" && !app.desk.namesOpen ? para("The list of names is opened with it, once until you sign out.") : null,
    button("Show who this is", async () => {
      if (!(await app.attempt(wrong, () => item.showWho()))) return;
      draw();
      changed();
      title.focus();
      app.shell.say("Who this is, is shown.");
    }, "secondary"),
  ]);
  draw();
  return h("section", { "aria-labelledby": id }, title, place, wrong);
}

function shown(item: Opened): Child {
  const who = item.who!;
  if (who.who.length === 0) return para("The part that says who it was holds nothing that can be shown.");
  const few = who.who.slice(0, 3);
  const rest = who.who.slice(3);
  return [
    few.map((s) => someone(s, who.who.length > 1)),
    rest.length > 0 ? details(`Show ${rest.length} more`, rest.map((s) => someone(s, true))) : null,
    who.names === "none" ? para("The school has put in no list of names. It can be added under “Names”.") : null,
    who.names === "unreadable" ? para("The list of names cannot be opened now, so you see the account only.") : null,
    raw(item),
  ];
}

// labelled is what is known of somebody, by name.
export function labelled(s: Someone): [string, string][] {
  const rows: [string, string][] = [];
  if (s.known) {
    rows.push(["Name", tell.screen(s.known.name)]);
    if (s.known.form) rows.push(["Form", tell.screen(s.known.form)]);
    if (s.known.headOfYear) rows.push(["Head of year", tell.screen(s.known.headOfYear)]);
    if (s.known.flags.length > 0) rows.push(["Marked", s.known.flags.map(tell.screen).join(", ")]);
  }
  rows.push(["Account", s.account ? tell.defangWords(s.account) : "none is named"]);
  if (s.device) rows.push(["Device", tell.defangWords(s.device)]);
  if (s.client) rows.push(["Network address", tell.screen(s.client)]);
  return rows;
}

function someone(s: Someone, many: boolean): Child {
  return [
    many ? h("h3", { class: "govuk-heading-s" }, `${tell.capital(tell.count(s.times, "time", "times"))}:`) : null,
    summary(labelled(s).map(([k, v]) => [k, content(v)])),
  ];
}

// raw is the filter's own line, for whoever has to prove it.
function raw(item: Opened): Child {
  const events = item.who!.events.filter((e) => !e.handover && (e.raw !== "" || e.agent !== "" || e.referrer !== ""));
  if (events.length === 0) return null;
  const place = h("div");
  const d = details("The lines as the filter wrote them", place);
  d.addEventListener("toggle", () => {
    if (!d.open || place.childElementCount > 0) return;
    replace(place, para("They hold the words and addresses. Secrets were cut out of them before they were kept."), events.slice(0, 50).map((e) => [
      e.raw ? h("p", { class: "govuk-body-s" }, content(tell.defang(e.raw))) : null,
      e.cuts > 0 ? h("p", { class: "govuk-body-s" }, `${tell.capital(tell.count(e.cuts, "thing was", "things were"))} cut out of this line.`) : null,
    ]), events.length > 50 ? para(`These are the first 50 of ${events.length}.`) : null);
  });
  return d;
}
