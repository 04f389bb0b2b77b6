// SPDX-License-Identifier: Apache-2.0

// The list: what waits for this person, in order of need, before anything is opened.

import { type Listed } from "../desk.ts";
import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { ended, sentence } from "../page/faults.ts";
import { button, details, heading, inset, lead, link, para, progress, section, small, trouble, warning } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { alwaysFirst } from "../recipients.ts";
import { levels } from "../seal/label.ts";
import * as tell from "../tell.ts";
import { missingNumbers } from "../unseal.ts";
import { itemPage } from "./item.ts";
import { damage, levelNames, row } from "./row.ts";
import { amber } from "./school.ts";

const everyMinute = 60_000; // milliseconds
const chunk = 25; // rows that are drawn at once: a long list must stay quick

const groupNames: Record<string, string> = { critical: "Critical: act now", high: "High: today", medium: "Medium: with what is already known", low: "Low: keep in mind" };

export function listPage(app: App): Open {
  return () => new ListPage(app).view();
}

class ListPage {
  private readonly top = h("div");
  private readonly news = h("div", { role: "status" });
  private readonly wrong = h("div");
  private readonly rows = h("div");
  private readonly more = h("div");
  private readonly checked = h("span");
  private readonly known: Set<string>;
  private readonly freshIds = new Set<string>();
  private shown: Record<string, number> = {}; // how many rows of a group are drawn
  private timer = 0;
  private busy = false;
  private gone = false;

  constructor(private readonly app: App) {
    this.known = new Set(app.desk.listed.map((x) => x.id));
  }

  view(): ReturnType<Open> {
    const first = this.app.desk.total === 0;
    if (!first) this.draw();
    void this.refresh(true).then(() => this.amber());
    this.timer = window.setInterval(() => void this.refresh(false), everyMinute);
    return {
      title: "Your list",
      body: [heading("Your list"), this.top, this.news, this.wrong, this.rows, this.more],
      leave: () => {
        this.gone = true;
        clearInterval(this.timer);
      },
    };
  }

  // refresh reads the list if it has changed, or if she asks.
  private async refresh(always: boolean): Promise<void> {
    if (this.busy || this.gone) return;
    this.busy = true;
    const desk = this.app.desk;
    const begin = desk.listed.length === 0;
    const p = begin ? progress("Reading your list") : null;
    if (p) replace(this.top, p.element);
    try {
      await this.app.guard(async () => {
        if (!always && !(await desk.changed())) return;
        await desk.load((done, total) => {
          p?.at(done, total, `Reading your list: ${done} of ${total}`);
          if (begin && done === 100 && total > done) this.drawRows();
        });
      });
      if (this.gone) return;
      replace(this.wrong);
      this.announce(begin);
      this.draw();
    } catch (e) {
      if (this.gone || ended(e)) return;
      if (p) replace(this.top);
      replace(this.wrong, trouble(sentence(e) + (desk.listed.length > 0 ? " What is shown is from before." : "")),
        button("Try again", () => this.refresh(true), "secondary"));
    } finally {
      this.busy = false;
    }
  }

  // announce says what came since the list was first shown.
  private announce(first: boolean): void {
    const fresh = this.app.desk.listed.filter((x) => !this.known.has(x.id));
    for (const x of fresh) this.known.add(x.id);
    const waiting = fresh.filter((x) => x.state !== "decided");
    if (first || waiting.length === 0) return;
    for (const x of waiting) this.freshIds.add(x.id);
    const gravest = waiting[0]?.label?.level ?? "none";
    replace(this.news, inset(h("strong", {}, waiting.length === 1 ? "Something new has come. " : `${tell.capital(tell.number(waiting.length))} new items have come. `),
      waiting.length === 1 ? `Its level is ${levelNames[gravest]!.toLowerCase()}.` : `The gravest is ${levelNames[gravest]!.toLowerCase()}.`));
  }

  private draw(): void {
    const desk = this.app.desk;
    const now = desk.gate.now();
    const open = desk.listed.filter((x) => x.state !== "decided");
    replace(this.checked, "Read ", tell.sayTime(now, now), ". ");
    const refresh = small(this.checked, link("Look again now", () => this.refresh(true)), ". Sealwatch looks by itself every minute.");
    replace(this.top, open.length === 0 ? quiet() : [
      lead(`${tell.capital(tell.count(open.length, "item is", "items are"))} waiting for you, the most urgent first.`),
      para("Nothing is opened until you press Open. Opening is recorded: who, which item, and when."),
    ], refresh, this.gaps());
    this.drawRows();
  }

  // gaps shows running numbers that no item has.
  private gaps(): Child {
    const desk = this.app.desk;
    if (!alwaysFirst(desk.manifest, desk.me.id)) return null;
    const missing = missingNumbers(desk.listed.map((x) => x.number).filter((n) => n > 0));
    if (missing.length === 0) return null;
    return warning(missing.length === 1 ? "One item that was for you is not here: number " : "Items that were for you are not here: numbers ", ranges(missing),
      ". An item goes only when its time is over. If you did not expect this, tell the headteacher.");
  }

  private drawRows(): void {
    const focused = document.activeElement?.closest<HTMLElement>("[data-id]")?.dataset.id;
    const listed = this.app.desk.listed;
    const bad = listed.filter((x) => damage(x) !== "" && (!x.label || x.state === "damaged"));
    const rest = listed.filter((x) => !bad.includes(x));
    const waiting = rest.filter((x) => x.state !== "decided");
    replace(this.rows, this.group("damaged", "Damaged: tell the headteacher today", bad),
      levels.toReversed().map((l) => this.group(l, groupNames[l] ?? levelNames[l]!, waiting.filter((x) => x.label!.level === l))),
      this.decided(rest.filter((x) => x.state === "decided")));
    if (focused) this.rows.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"] button`)?.focus();
  }

  private group(key: string, title: string, all: Listed[]): Child {
    if (all.length === 0) return null;
    return h("section", { class: "sw-group" }, section([title, h("span", { class: "sw-count" }, ` (${all.length})`)]), this.some(key, all));
  }

  // some draws the first rows of a group, and a button for more.
  private some(key: string, all: Listed[]): Child {
    const now = this.app.desk.gate.now();
    const make = (x: Listed): HTMLLIElement => row(x, {
      now, draft: this.app.drafts.has(x.id), fresh: this.freshIds.has(x.id), open: (y) => this.app.shell.go(itemPage(this.app, y.id)),
    });
    let n = Math.max(chunk, this.shown[key] ?? 0);
    const ul = h("ul", { class: "sw-rows" }, all.slice(0, n).map(make));
    const next = button("", () => {
      const first = make(all[n]!);
      ul.append(first, ...all.slice(n + 1, n + chunk).map(make));
      n += chunk;
      this.shown[key] = n;
      label();
      first.querySelector("button")?.focus();
    }, "secondary");
    const label = (): void => {
      next.hidden = n >= all.length;
      replace(next, `Show ${Math.min(chunk, all.length - n)} more of ${all.length - n}`);
    };
    label();
    return [ul, next];
  }

  // decided is folded, and drawn when it is unfolded.
  private decided(all: Listed[]): Child {
    if (all.length === 0) return null;
    const place = h("div");
    const d = details(`What is decided (${all.length})`, place);
    const fill = (): void => void (d.open && place.childElementCount === 0 && replace(place, this.some("decided", all)));
    d.addEventListener("toggle", () => {
      this.shown.open = d.open ? 1 : 0;
      fill();
    });
    d.open = this.shown.open === 1;
    fill();
    return d;
  }

  private async amber(): Promise<void> {
    if (this.gone) return;
    try {
      replace(this.more, amber(await this.app.gate.school()));
    } catch {
      // The list says already that the server cannot be reached.
    }
  }
}

function quiet(): Child {
  return [
    lead("Nothing is waiting for you."),
    para("This says that nothing was found in what the filter logged. It does not say that nothing happened. If a child worries you, you need no item here to act."),
  ];
}

// ranges writes numbers as people do: 4, 7 to 9.
export function ranges(all: number[]): string {
  const out: string[] = [];
  for (let i = 0; i < all.length; i++) {
    const from = all[i]!;
    while (all[i + 1] === all[i]! + 1) i++;
    out.push(all[i] === from ? String(from) : `${from} to ${all[i]}`);
  }
  return out.length > 12 ? out.slice(0, 12).join(", ") + " and more" : out.join(", ");
}
