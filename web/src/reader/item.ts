// SPDX-License-Identifier: Apache-2.0

// One item on one page, in this order: is somebody in danger, what do I do now, how do we
// know. To come to this page is to open the item, which is recorded.

import { type App } from "../page/app.ts";
import { type Child, fresh, h, replace } from "../page/dom.ts";
import { ended } from "../page/faults.ts";
import { bullets, button, details, dots, heading, inset, lead, link, para, radios, section, steps, warning } from "../page/kit.ts";
import { type Open, type View } from "../page/shell.ts";
import * as tell from "../tell.ts";
import { Opened } from "./opened.ts";
import { Record } from "./record.ts";
import { levelNames } from "./row.ts";
import { limit } from "./says.ts";
import { happening } from "./timeline.ts";
import { whoPart } from "./who.ts";

const everyMinute = 60_000; // milliseconds

export function itemPage(app: App, id: string): Open {
  return async () => {
    const item = await app.guard(() => Opened.open(app.desk, id)).catch((e: unknown) => {
      if (ended(e)) return null; // signed out by now: the page of that is there
      throw e;
    });
    if (!item) return { title: "", body: null };
    return item.canOpen ? new ItemPage(app, item).view() : unopenable(app, item);
  };
}

// unopenable is an item of which nothing can be opened: no opening was asked for.
function unopenable(app: App, item: Opened): View {
  return {
    title: "Item",
    body: [back(app), heading("This item cannot be opened"),
      para("Something of it is missing or damaged. Nothing was opened, and no opening was recorded."), bullets(item.faults),
      para("Tell the headteacher today. Sealwatch keeps copies, and the part may be among them. If you worry about a child, do not wait for this item: act.")],
  };
}

function back(app: App): Child {
  return link("Your list", () => app.shell.goBack(), { class: "govuk-link sw-link sw-back" });
}

class ItemPage {
  private readonly news = h("div", { role: "status" });
  private readonly parts = { head: h("div"), faults: h("div"), next: h("div"), happened: h("div") };
  private readonly record: Record;
  private timer = 0;

  constructor(private readonly app: App, private readonly item: Opened) {
    this.record = new Record(app, item, () => this.draw());
  }

  view(): View {
    const { item, app } = this;
    this.draw();
    this.timer = window.setInterval(() => void this.look(), everyMinute);
    const who = whoPart(app, item, () => this.draw());
    return {
      title: "Item",
      leave: () => clearInterval(this.timer),
      body: h("div", { class: "sw-wide sw-item", translate: "no" },
        back(app), this.news, this.parts.faults, this.parts.head, safe(item, this.record), this.parts.next,
        h("div", { class: "sw-pair" }, who, sure(item)), h("div", { class: "sw-pair" }, ...meaning(item)),
        this.parts.happened, this.record.element),
    };
  }

  // draw shows what changes: after words were shown, after something was added.
  private draw(): void {
    const { item, parts } = this;
    const shown = document.activeElement?.id === "show-words";
    replace(parts.faults, faults(item));
    replace(parts.head, this.head());
    replace(parts.next, section("Do this now"), steps(tell.next(item.label.level, item.what.class, item.handover)));
    replace(parts.happened, happening(item));
    this.record.draw();
    if (shown) document.getElementById("show-words")?.focus();
  }

  private head(): Child {
    const { item } = this;
    const [first, rest] = sentences(tell.happened(item.what.class, item.label, item.what.events));
    const content = item.what.events.filter((e) => !e.handover && (e.words !== "" || e.address !== "" || e.host !== ""));
    const name = content.some((e) => e.words !== "") ? "words" : "addresses";
    const show = button(item.words ? `Hide the ${name}` : `Show the ${name}`, () => {
      item.words = !item.words;
      this.draw();
      this.app.shell.say(item.words ? `The ${name} are shown.` : `The ${name} are hidden.`);
    }, "secondary");
    show.id = "show-words";
    show.setAttribute("aria-expanded", String(item.words));
    return [
      h("p", { class: "govuk-caption-l sw-caption" }, this.caption()),
      heading(first),
      rest ? lead(rest) : null,
      content.length === 0 ? null : h("div", { class: "sw-reveal-words" }, item.words ? wordsOf(item, content) : para("They are hidden, so that you read what to do first."), show),
    ];
  }

  private caption(): string {
    const { item } = this;
    const now = this.app.gate.now();
    const since = item.label.first ?? item.label.last;
    return [
      levelNames[item.label.level]!, tell.sayTime(item.label.last, now),
      item.decided ? "decided" : since ? "waiting " + tell.ago(now.getTime() - since.getTime()) : "",
      item.x.number > 0 ? `item ${item.x.number}` : "",
    ].filter(Boolean).join(" · ");
  }

  // look asks whether something was added, and says so; it changes nothing she is reading.
  private async look(): Promise<void> {
    try {
      if (!(await this.app.guard(() => this.item.added())) || this.news.childElementCount > 0) return;
    } catch {
      return; // what she does next will say that the server cannot be reached
    }
    const place = h("div");
    replace(this.news, inset(h("strong", {}, "Something was added to this item while you read."), " ",
      button("Show it", async () => {
        if (!(await this.app.attempt(place, () => this.item.again()))) return;
        replace(this.news);
        this.draw();
        this.app.shell.say("What was added is shown.");
      }, "secondary"), place));
  }
}

// sentences parts the first sentence from the rest.
function sentences(s: string): [string, string] {
  const at = s.indexOf(". ");
  return at < 0 ? [s, ""] : [s.slice(0, at + 1), s.slice(at + 2)];
}

// wordsOf are the words or addresses themselves, each once, the newest last.
function wordsOf(item: Opened, events: Opened["what"]["events"]): Child {
  const all = [...new Set(events.map((e) => (e.words !== "" ? tell.quoted(e.words) : tell.defang(e.address || e.host))))];
  const few = all.slice(-5);
  return [
    h("ul", { class: "govuk-list sw-said", translate: "no" }, few.map((t) => h("li", { class: "sw-content" }, t))),
    all.length > few.length ? para(`These are the last five of ${all.length}. All are under “What happened”.`) : null,
    item.handover ? para("An address that is locked for hand-over is not among them.") : null,
  ];
}

function faults(item: Opened): Child {
  const all = item.faults;
  if (all.length === 0) return null;
  return [warning("Something of this item is missing or damaged. What you see may not be all."), bullets(all), para("Tell the headteacher today.")];
}

// safe asks the first question of all, and puts the answer into her record.
function safe(item: Opened, record: Record): Child {
  if (item.label.level !== "critical" || item.what.class !== "P" || item.handover || item.decided) return null;
  const answers: [string, string][] = [
    ["with", "With an adult they trust"], ["school", "In school, not found yet"], ["left", "Has left the site"], ["unknown", "I don’t know yet"],
  ];
  const f = radios({ legend: "Is the child safe now?", choices: answers.map(([value, text]) => ({ value, text })), inline: true });
  const done = h("p", { class: "govuk-body-s", role: "status" });
  f.element.addEventListener("change", () => {
    const says = answers.find(([v]) => v === f.value())?.[1];
    if (!says) return;
    record.answer(says);
    replace(done, f.value() === "with" ? "Put into your record below. Stay with them." : "Put into your record below. Finding the child comes first.");
  });
  return h("div", { class: "sw-safe" }, f.element, done);
}

function sure(item: Opened): HTMLElement {
  const id = fresh("sure");
  const grades = tell.sure(item.label, item.what.events);
  return h("section", { "aria-labelledby": id },
    h("h2", { class: "govuk-heading-m", id }, "How sure are we"),
    h("ul", { class: "govuk-list sw-sure" }, grades.map((g) => h("li", {}, dots(g.dots), h("span", {}, g.sentence)))),
    para(limit(item.label)),
    grades.some((g) => g.because.length > 0) ? details("Why we say so", grades.map((g) => g.because.length === 0 ? null
      : [h("p", { class: "govuk-body-s sw-why" }, h("strong", {}, g.sentence)), bullets(g.because.map((b) => h("span", { class: "sw-content" }, item.words ? b : hide(b))))])) : null);
}

// hide leaves out of a reason what was written, until she has asked for the words.
function hide(reason: string): string {
  return reason.replace(/: “.*”\.$/su, ".");
}

function meaning(item: Opened): HTMLElement[] {
  const m = tell.meaning(item.what.events, item.label);
  const part = (title: string, ...text: Child[]): HTMLElement => {
    const id = fresh("part");
    return h("section", { "aria-labelledby": id }, h("h2", { class: "govuk-heading-m", id }, title), ...text);
  };
  return [
    part("What this may be", para(m.may)),
    part("What it may not be", para(m.mayNot), item.what.events.some((e) => e.cut) ? para("Passwords and card numbers were cut out before anything was kept.") : null),
  ];
}
