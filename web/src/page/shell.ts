// SPDX-License-Identifier: Apache-2.0

// The frame round every page, and what watches over it: the veil while nobody looks, the
// clock that signs out, the back button, the stop from which there is no way on.

import { type Child, h, replace, svg } from "./dom.ts";
import { sentence } from "./faults.ts";
import { button, heading, inset, link, para } from "./kit.ts";

// A View is one page. What it shows is gone when the next one comes.
export interface View {
  title: string; // of the browser's window; never content
  body: Child;
  leave?: () => void; // called when another page comes
}

// Open makes a page, anew each time somebody comes to it: so the back button shows what
// is true now.
export type Open = () => View | Promise<View>;

export interface MenuEntry {
  name: string;
  text: string;
  open: Open;
}

// Frame is what the shell shows round a page.
export interface Frame {
  school: string;
  demo: boolean;
  person: string; // "" while nobody is signed in
  words: string[]; // the school's six words; empty before it is known
  menu: MenuEntry[];
  signOut: (() => void) | null;
}

// nobody is the frame while nobody is signed in.
export const nobody: Frame = { school: "", demo: false, person: "", words: [], menu: [], signOut: null };

// idleAfter is how long a signed-in page waits for its person, in milliseconds; the
// warning comes a minute before. docs/threat-model.md has the reason.
export const idleAfter = 5 * 60_000;
const warnBefore = 60_000;
const atMostOnPaper = 60_000; // milliseconds; then what was to be printed leaves the page

export class Shell {
  private frame = nobody;
  private readonly main = h("main", { class: "govuk-width-container sw-main", id: "main" });
  private readonly status = h("div", { class: "govuk-visually-hidden", role: "status" });
  private readonly top = h("div");
  private readonly foot = h("footer", { class: "sw-footer" });
  private readonly paper = h("div", { class: "sw-paper" });
  private veil: HTMLElement | null = null;
  private view: View | null = null;
  private stack: Open[] = [];
  private coming = 0; // the newest page that was asked for
  private stopped = false;
  private idle: { at: number; out: () => void; timer: number; warned: HTMLElement | null } | null = null;

  constructor(root: HTMLElement) {
    const unprinted = h("div", { class: "sw-unprinted" }, "Please print with the button on the page: printing an item is recorded.");
    replace(root, h("a", { href: "#main", class: "govuk-skip-link" }, "Skip to the page"), this.top, this.main, this.foot, this.status, unprinted, this.paper);
    this.setFrame(nobody);
    window.addEventListener("popstate", (e) => void this.back(e.state));
    window.addEventListener("blur", () => this.cover());
    window.addEventListener("focus", () => this.uncover());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.cover() : this.uncover()));
    for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"] as const) document.addEventListener(kind, () => this.awake(), { passive: true, capture: true });
  }

  setFrame(f: Partial<Frame>): void {
    this.frame = { ...this.frame, ...f };
    this.drawFrame("");
  }

  private drawFrame(current: string): void {
    const f = this.frame;
    replace(this.top,
      h("header", { class: "sw-header" }, h("div", { class: "govuk-width-container sw-header__row" },
        h("div", { class: "sw-header__name" }, mark(), "Sealwatch"),
        h("div", { class: "sw-header__school" }, f.school),
        f.person ? h("div", {}, f.person) : null,
        f.signOut ? link("Sign out", f.signOut, { id: "sign-out" }) : null),
        f.demo ? h("div", { class: "sw-demo" }, h("div", { class: "govuk-width-container" }, h("p", {}, "Demonstration. The school and everybody in it are invented."))) : null),
      f.menu.length > 0 ? h("nav", { class: "sw-menu", "aria-label": "Pages" }, h("div", { class: "govuk-width-container" },
        h("ul", {}, f.menu.map((m) => h("li", {}, h("button", {
          type: "button", "aria-current": m.name === current ? "page" : undefined, on: { click: () => void this.go(m.open) },
        }, m.text)))))) : null);
    replace(this.foot, h("div", { class: "govuk-width-container" },
      f.words.length > 0 ? [h("p", {}, "This school’s six words. They never change, and they are the same for everybody in the school:"),
        h("p", { class: "sw-footer__words", translate: "no" }, f.words.join(" "))] : null,
      ownMachine() ? h("p", {}, "These pages come from your own machine. Whoever runs the server had no part in them.")
        : h("p", {}, "The people who run this server could alter these pages. ", "The sealopen program on your own machine does not have that weakness."),
      h("p", {}, "If a child may be in danger now, call 999. Do not wait for this page.")));
  }

  // go opens a page. The address stays as it is, and what is shown is in no history.
  async go(open: Open, how: "on" | "instead" = "on"): Promise<void> {
    if (this.stopped) return;
    if (how === "on" || this.stack.length === 0) {
      this.stack.push(open);
      if (this.stack.length > 1) history.pushState({ n: this.stack.length - 1 }, "");
      else history.replaceState({ n: 0 }, "");
    } else {
      this.stack[this.stack.length - 1] = open;
    }
    await this.show(open);
  }

  // begin forgets every page before: nobody comes back to them.
  async begin(open: Open): Promise<void> {
    this.stack = [open];
    history.replaceState({ n: 0 }, "");
    await this.show(open);
  }

  private async back(state: unknown): Promise<void> {
    const n = typeof state === "object" && state !== null && "n" in state ? Number(state.n) : 0;
    const open = this.stack[n] ?? this.stack[0];
    if (!open || this.stopped) return;
    this.stack = this.stack.slice(0, Math.max(1, Math.min(n + 1, this.stack.length)));
    await this.show(open);
  }

  // goBack is the page's own way back.
  goBack(): void {
    if (this.stack.length > 1) history.back();
  }

  private async show(open: Open): Promise<void> {
    const mine = ++this.coming;
    const slow = window.setTimeout(() => this.say("Loading"), 500);
    try {
      const v = await this.opened(open);
      if (mine !== this.coming || this.stopped) return v.leave?.();
      this.view?.leave?.();
      this.view = v;
      document.title = v.title === "" ? "Sealwatch" : `${v.title} – Sealwatch`;
      this.drawFrame(this.frame.menu.find((m) => m.open === open)?.name ?? "");
      replace(this.main, v.body);
      window.scrollTo(0, 0);
      this.main.querySelector("h1")?.focus();
    } finally {
      clearTimeout(slow);
    }
  }

  // opened is the page, or one that says why there is none.
  private async opened(open: Open): Promise<View> {
    try {
      return await open();
    } catch (e) {
      return this.trouble("This page could not be opened", sentence(e), open);
    }
  }

  // blank takes everything that was shown away at once.
  blank(): void {
    this.coming++;
    this.view?.leave?.();
    this.view = null;
    for (const e of [this.main, this.paper, this.status]) replace(e);
    document.title = "Sealwatch";
  }

  // say tells a screen reader something that happened on the page.
  say(text: string): void {
    replace(this.status, text);
  }

  // stop ends everything: the page says why, and there is no way on but to close it.
  stop(title: string, ...why: Child[]): void {
    this.watch(null);
    this.view?.leave?.();
    this.view = null;
    this.stopped = true;
    this.frame = { ...nobody, school: this.frame.school, demo: this.frame.demo };
    this.drawFrame("");
    document.title = "Stop – Sealwatch";
    replace(this.main, h("div", { role: "alert" }, heading(title, "xl"), ...why));
    this.main.querySelector("h1")?.focus();
  }

  // trouble is a page for what went wrong and can be tried again.
  trouble(title: string, why: string, again?: Open): View {
    return { title: "Something is wrong", body: [heading(title), para(why), again ? button("Try again", () => this.go(again, "instead")) : null] };
  }

  // print puts children on paper, and takes them away again. Whoever calls it has recorded
  // what has to be recorded.
  async print(...children: Child[]): Promise<void> {
    replace(this.paper, ...children);
    document.body.classList.add("sw-printing");
    await new Promise((r) => setTimeout(r, 0));
    // Some browsers return before they have drawn the paper; they all say when it is over.
    const over = new Promise((r) => window.addEventListener("afterprint", r, { once: true }));
    try {
      window.print();
      await Promise.race([over, new Promise((r) => setTimeout(r, atMostOnPaper))]);
    } finally {
      document.body.classList.remove("sw-printing");
      replace(this.paper);
    }
  }

  // watch signs out a page that nobody touches; null stops watching.
  watch(out: (() => void) | null): void {
    if (this.idle) {
      clearInterval(this.idle.timer);
      this.idle.warned?.remove();
    }
    this.uncover(true);
    this.idle = out ? { at: Date.now(), out, timer: window.setInterval(() => this.tick(), 1000), warned: null } : null;
  }

  private awake(): void {
    if (!this.idle || this.veil) return;
    this.idle.at = Date.now();
    this.idle.warned?.remove();
    this.idle.warned = null;
  }

  private tick(): void {
    const i = this.idle;
    if (!i) return;
    const waited = Date.now() - i.at;
    if (waited >= idleAfter) return i.out();
    if (waited < idleAfter - warnBefore || i.warned) return;
    i.warned = h("div", { class: "sw-still", role: "alert" }, inset("You will be signed out in a minute, because nothing was touched for four."),
      button("Stay signed in", () => this.awake()));
    this.main.after(i.warned);
  }

  // cover hides a signed-in page while its window is not the one in front.
  private cover(): void {
    if (!this.idle || this.veil || document.body.classList.contains("sw-printing")) return;
    this.veil = h("div", { class: "sw-veil", role: "status" }, h("p", {}, "Covered while you are somewhere else. Click or press a key to go on."));
    for (const e of [this.main, this.top, this.foot]) e.inert = true;
    document.body.append(this.veil);
  }

  private uncover(always = false): void {
    if (!this.veil || (!always && (document.hidden || !document.hasFocus()))) return;
    this.veil.remove();
    this.veil = null;
    for (const e of [this.main, this.top, this.foot]) e.inert = false;
    this.awake();
  }
}

// ownMachine reports whether the pages come from sealopen on this machine.
export function ownMachine(): boolean {
  return /^[a-z2-7]{24}\.localhost$/.test(location.hostname);
}

// mark is our sign: a seal, half open.
function mark(): SVGElement {
  return svg("svg", { viewBox: "0 0 32 32", width: 28, height: 28, "aria-hidden": "true", focusable: "false" },
    svg("circle", { cx: 16, cy: 16, r: 13, fill: "none", stroke: "currentColor", "stroke-width": 3 }),
    svg("path", { d: "M8 17a8 8 0 0 1 16 0", fill: "none", stroke: "currentColor", "stroke-width": 3, "stroke-linecap": "round" }),
    svg("circle", { cx: 16, cy: 19, r: 3.4, fill: "currentColor" }));
}
