// SPDX-License-Identifier: Apache-2.0

// The parts that pages are made of: components of the GOV.UK Design System as its
// documentation lays them out, without its scripts. Every part that a person fills in
// says what is wrong beside the field and at the top of the page.

import { type Child, type Props, append, fresh, h, replace, svg } from "./dom.ts";

export function heading(text: Child, size: "xl" | "l" = "l"): HTMLHeadingElement {
  return h("h1", { class: `govuk-heading-${size}`, tabindex: -1 }, text);
}

export function section(text: Child): HTMLHeadingElement {
  return h("h2", { class: "govuk-heading-m" }, text);
}

export function para(...children: Child[]): HTMLParagraphElement {
  return h("p", { class: "govuk-body" }, ...children);
}

export function lead(...children: Child[]): HTMLParagraphElement {
  return h("p", { class: "govuk-body-l" }, ...children);
}

export function small(...children: Child[]): HTMLParagraphElement {
  return h("p", { class: "govuk-body-s" }, ...children);
}

export function bullets(items: Child[]): HTMLUListElement {
  return h("ul", { class: "govuk-list govuk-list--bullet" }, items.map((i) => h("li", {}, i)));
}

export function steps(items: Child[]): HTMLOListElement {
  return h("ol", { class: "govuk-list govuk-list--number" }, items.map((i) => h("li", {}, i)));
}

export type Weight = "primary" | "secondary" | "warning";

// button does its work once at a time: it cannot be pressed again until what was begun
// has ended.
export function button(text: string, press: () => void | Promise<void>, weight: Weight = "primary"): HTMLButtonElement {
  const b: HTMLButtonElement = h("button", {
    type: "button", class: "govuk-button" + (weight === "primary" ? "" : ` govuk-button--${weight}`),
    on: {
      click: () => {
        if (b.getAttribute("aria-disabled") === "true") return;
        const p = press();
        if (!p) return;
        b.setAttribute("aria-disabled", "true");
        void p.finally(() => b.removeAttribute("aria-disabled"));
      },
    },
  }, text);
  return b;
}

// link looks like a link and is a button: nothing here has an address.
export function link(text: Child, press: () => void | Promise<void>, props: Props = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "govuk-link sw-link", on: { click: () => void press() }, ...props }, text);
}

export function buttons(...all: Child[]): HTMLDivElement {
  return h("div", { class: "govuk-button-group" }, ...all);
}

export function inset(...children: Child[]): HTMLDivElement {
  return h("div", { class: "govuk-inset-text" }, ...children);
}

export function warning(...children: Child[]): HTMLDivElement {
  return h("div", { class: "govuk-warning-text" },
    h("span", { class: "govuk-warning-text__icon", "aria-hidden": "true" }, "!"),
    h("strong", { class: "govuk-warning-text__text" }, h("span", { class: "govuk-visually-hidden" }, "Warning: "), ...children));
}

// trouble says what went wrong, and what to do, where it went wrong.
export function trouble(text: string): HTMLDivElement {
  return h("div", { class: "sw-trouble", role: "alert" }, h("p", { class: "govuk-body" }, text));
}

// content shows what came from a log, which tell.ts has made harmless before.
export function content(text: string): HTMLSpanElement {
  return h("span", { class: "sw-content", translate: "no" }, text);
}

export function details(summary: string, ...children: Child[]): HTMLDetailsElement {
  return h("details", { class: "govuk-details" },
    h("summary", { class: "govuk-details__summary" }, h("span", { class: "govuk-details__summary-text" }, summary)),
    h("div", { class: "govuk-details__text" }, ...children));
}

export function tag(text: string, tone: "grey" | "blue" | "yellow" | "orange" | "red" | "green" = "grey"): HTMLElement {
  return h("strong", { class: `govuk-tag govuk-tag--${tone}` }, text);
}

export function banner(title: string, ...children: Child[]): HTMLDivElement {
  const id = fresh("banner");
  return h("div", { class: "govuk-notification-banner", role: "region", "aria-labelledby": id },
    h("div", { class: "govuk-notification-banner__header" }, h("h2", { class: "govuk-notification-banner__title", id }, title)),
    h("div", { class: "govuk-notification-banner__content" }, ...children));
}

export function panel(title: string, ...children: Child[]): HTMLDivElement {
  return h("div", { class: "govuk-panel govuk-panel--confirmation" },
    h("h1", { class: "govuk-panel__title", tabindex: -1 }, title), h("div", { class: "govuk-panel__body" }, ...children));
}

// summary is a list of names and what they are.
export function summary(rows: [key: string, value: Child, action?: Child][]): HTMLDListElement {
  const some = rows.some(([, , action]) => action);
  return h("dl", { class: "govuk-summary-list" }, rows.map(([key, value, action]) =>
    h("div", { class: "govuk-summary-list__row" + (action || !some ? "" : " govuk-summary-list__row--no-actions") },
      h("dt", { class: "govuk-summary-list__key" }, key), h("dd", { class: "govuk-summary-list__value" }, value),
      action ? h("dd", { class: "govuk-summary-list__actions" }, action) : null)));
}

export function table(caption: string, head: string[], rows: Child[][]): HTMLDivElement {
  // A table wider than a phone scrolls in itself, by keyboard too.
  return h("div", { class: "sw-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", { class: "govuk-table" },
      h("caption", { class: "govuk-table__caption govuk-table__caption--m" }, caption),
      h("thead", { class: "govuk-table__head" }, h("tr", { class: "govuk-table__row" }, head.map((t) => h("th", { class: "govuk-table__header", scope: "col" }, t)))),
      h("tbody", { class: "govuk-table__body" }, rows.map((r) => h("tr", { class: "govuk-table__row" }, r.map((c, i) =>
        i === 0 ? h("th", { class: "govuk-table__header", scope: "row" }, c) : h("td", { class: "govuk-table__cell" }, c)))))));
}

// A Field is something that a person fills in, and the place that says what is wrong.
export interface Field<T = string> {
  element: HTMLElement;
  focusId: string; // where the error summary leads
  value(): T;
  set(value: T): void;
  error(text: string): void; // "" takes it away
}

export interface FieldOptions {
  label: string;
  hint?: Child;
  type?: "text" | "email" | "password";
  value?: string;
  autocomplete?: string;
  rows?: number; // more than one line
  width?: 5 | 10 | 20 | 30;
  heading?: boolean; // the label is the page's heading
  inputmode?: string;
}

// Nothing that is typed here may reach a spelling service, a dictionary or a store of
// the browser's.
const quiet = { spellcheck: "false", autocapitalize: "none", autocorrect: "off", translate: "no" };

function group(id: string, o: Pick<FieldOptions, "label" | "hint" | "heading">, control: HTMLElement): { element: HTMLElement; error: (t: string) => void } {
  const hint = o.hint ? h("div", { id: `${id}-hint`, class: "govuk-hint" }, o.hint) : null;
  const message = h("p", { id: `${id}-error`, class: "govuk-error-message", hidden: true });
  const label = h("label", { class: "govuk-label" + (o.heading ? " govuk-label--l" : ""), for: id }, o.label);
  const element = h("div", { class: "govuk-form-group" }, o.heading ? h("h1", { class: "govuk-label-wrapper", tabindex: -1 }, label) : label, hint, message, control);
  if (hint) control.setAttribute("aria-describedby", hint.id);
  const error = (t: string): void => {
    replace(message, t ? [h("span", { class: "govuk-visually-hidden" }, "Error: "), t] : null);
    message.hidden = t === "";
    element.classList.toggle("govuk-form-group--error", t !== "");
    control.setAttribute("aria-describedby", [hint?.id, t ? message.id : ""].filter(Boolean).join(" "));
    if (t) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  return { element, error };
}

export function field(o: FieldOptions): Field {
  const id = fresh("field");
  const common = { id, autocomplete: o.autocomplete ?? "off", ...quiet };
  const control = o.rows
    ? h("textarea", { class: "govuk-textarea", rows: o.rows, ...common })
    : h("input", { class: `govuk-input${o.width ? ` govuk-input--width-${o.width}` : ""}`, type: o.type ?? "text", inputmode: o.inputmode, ...common });
  control.value = o.value ?? "";
  const g = group(id, o, control);
  const mark = (t: string): void => {
    g.error(t);
    control.classList.toggle(o.rows ? "govuk-textarea--error" : "govuk-input--error", t !== "");
  };
  return { element: g.element, focusId: id, value: () => control.value, set: (v) => void (control.value = v), error: mark };
}

export interface Choice {
  value: string;
  text: string;
  hint?: string;
}

export interface ChoiceOptions {
  legend: string;
  hint?: Child;
  choices: Choice[];
  heading?: boolean;
  inline?: boolean;
}

function fieldset(kind: "radio" | "checkbox", o: ChoiceOptions): { element: HTMLElement; inputs: HTMLInputElement[]; error: (t: string) => void } {
  const id = fresh("choice");
  const css = kind === "radio" ? "govuk-radios" : "govuk-checkboxes";
  const message = h("p", { id: `${id}-error`, class: "govuk-error-message", hidden: true });
  const inputs: HTMLInputElement[] = [];
  const items = o.choices.map((c, i) => {
    const cid = i === 0 ? id : `${id}-${i}`;
    const hint = c.hint ? h("div", { id: `${cid}-hint`, class: `govuk-hint ${css}__hint` }, c.hint) : null;
    const input = h("input", { class: `${css}__input`, id: cid, name: id, type: kind, value: c.value, "aria-describedby": hint?.id });
    inputs.push(input);
    return h("div", { class: `${css}__item` }, input, h("label", { class: `govuk-label ${css}__label`, for: cid }, c.text), hint);
  });
  const legend = h("legend", { class: "govuk-fieldset__legend" + (o.heading ? " govuk-fieldset__legend--l" : " govuk-fieldset__legend--s") },
    o.heading ? h("h1", { class: "govuk-fieldset__heading", tabindex: -1 }, o.legend) : o.legend);
  const set = h("fieldset", { class: "govuk-fieldset" }, legend, o.hint ? h("div", { class: "govuk-hint" }, o.hint) : null, message,
    h("div", { class: css + (o.inline ? ` ${css}--inline` : "") + (o.choices.length > 4 && kind === "checkbox" ? ` ${css}--small` : "") }, items));
  const element = h("div", { class: "govuk-form-group" }, set);
  const error = (t: string): void => {
    replace(message, t ? [h("span", { class: "govuk-visually-hidden" }, "Error: "), t] : null);
    message.hidden = t === "";
    element.classList.toggle("govuk-form-group--error", t !== "");
    if (t) set.setAttribute("aria-describedby", message.id);
    else set.removeAttribute("aria-describedby");
  };
  return { element, inputs, error };
}

// radios: one of several; "" while nothing is chosen.
export function radios(o: ChoiceOptions): Field {
  const f = fieldset("radio", o);
  return {
    element: f.element, focusId: f.inputs[0]!.id, error: f.error,
    value: () => f.inputs.find((i) => i.checked)?.value ?? "", set: (v) => f.inputs.forEach((i) => (i.checked = i.value === v)),
  };
}

export function checkboxes(o: ChoiceOptions): Field<string[]> {
  const f = fieldset("checkbox", o);
  return {
    element: f.element, focusId: f.inputs[0]!.id, error: f.error,
    value: () => f.inputs.filter((i) => i.checked).map((i) => i.value), set: (v) => f.inputs.forEach((i) => (i.checked = v.includes(i.value))),
  };
}

// upload lets a person choose a file. It is read in this page and goes nowhere by itself.
export function upload(o: { label: string; hint?: Child; accept: string }): Field<File | null> {
  const id = fresh("file");
  const control = h("input", { class: "govuk-file-upload", id, type: "file", accept: o.accept });
  const g = group(id, o, control);
  return { element: g.element, focusId: id, error: g.error, value: () => control.files?.[0] ?? null, set: () => void (control.value = "") };
}

export interface Check {
  field: Field<never> | Field | Field<string[]> | Field<File | null>;
  error: string; // "" where all is well
}

export interface Form {
  element: HTMLFormElement;
  // fail shows what is wrong that belongs to no field.
  fail(text: string): void;
}

// form checks its fields when it is sent: every mistake stands beside its field and in one
// summary at the top, which gets the focus. send runs only when there is none.
export function form(o: { fields: Child[]; send: string; weight?: Weight; check: () => Check[]; sent: () => Promise<void> | void; also?: Child[] }): Form {
  const summary = h("div", { class: "sw-summary" });
  const show = (faults: { text: string; id?: string }[]): void => {
    if (faults.length === 0) return replace(summary);
    const box = h("div", { class: "govuk-error-summary", tabindex: -1 },
      h("div", { role: "alert" }, h("h2", { class: "govuk-error-summary__title" }, faults.length === 1 ? "One thing to put right" : "Some things to put right"),
        h("div", { class: "govuk-error-summary__body" }, h("ul", { class: "govuk-list govuk-error-summary__list" }, faults.map((f) => h("li", {}, f.id
          ? h("a", { href: "#" + f.id, on: { click: (e) => { e.preventDefault(); document.getElementById(f.id!)?.focus(); } } }, f.text)
          : f.text))))));
    replace(summary, box);
    box.focus();
    box.scrollIntoView({ block: "start" });
  };
  let busy = false;
  const send = h("button", { type: "submit", class: "govuk-button" + (o.weight && o.weight !== "primary" ? ` govuk-button--${o.weight}` : "") }, o.send);
  const element = h("form", {
    novalidate: true, autocomplete: "off",
    on: {
      submit: (e) => {
        e.preventDefault();
        if (busy) return;
        const all = o.check();
        for (const c of all) c.field.error(c.error);
        const faults = all.filter((c) => c.error !== "");
        show(faults.map((c) => ({ text: c.error, id: c.field.focusId })));
        if (faults.length > 0) return;
        busy = true;
        send.setAttribute("aria-disabled", "true");
        void (async () => o.sent())().finally(() => {
          busy = false;
          send.removeAttribute("aria-disabled");
        });
      },
    },
  });
  append(element, [summary, o.fields, h("div", { class: "govuk-button-group" }, send, o.also ?? null)]);
  return { element, fail: (text) => show([{ text }]) };
}

// dots is the small picture of how sure something is: three dots, so many of them full. The
// words stand beside it; the picture says nothing to a screen reader.
export function dots(full: number): SVGElement {
  return svg("svg", { class: "sw-dots", viewBox: "0 0 54 18", width: 54, height: 18, "aria-hidden": "true", focusable: "false" },
    [0, 1, 2].map((i) => svg("circle", { cx: 9 + 18 * i, cy: 9, r: 6.5, class: i < full ? "sw-dot-full" : "sw-dot" })));
}

// words shows the words that two people read to each other: large, numbered, one a line.
export function words(all: string[]): HTMLOListElement {
  return h("ol", { class: "sw-words", translate: "no" }, all.map((w) => h("li", {}, w)));
}

// progress says how far long work is, to eyes and to screen readers.
export function progress(text: string): { element: HTMLElement; at(done: number, total: number, text?: string): void; say(text: string): void } {
  const words = h("p", { class: "govuk-body", role: "status" }, text);
  const bar = h("progress", { class: "sw-progress", "aria-label": "Progress" });
  const say = (t: string): void => void (words.textContent !== t && replace(words, t));
  return {
    element: h("div", {}, words, bar),
    at(done, total, t) {
      bar.max = Math.max(total, 1);
      bar.value = done;
      if (t !== undefined) say(t);
    },
    say,
  };
}

// reveal puts beside a hidden field the choice to see what one types.
export function reveal(f: Field, text: string): Field {
  const id = fresh("reveal");
  const control = f.element.querySelector("input");
  const box = h("input", { class: "govuk-checkboxes__input", id, type: "checkbox", on: { change: () => void (control && (control.type = box.checked ? "text" : "password")) } });
  f.element.append(h("div", { class: "govuk-checkboxes govuk-checkboxes--small sw-reveal" },
    h("div", { class: "govuk-checkboxes__item" }, box, h("label", { class: "govuk-label govuk-checkboxes__label", for: id }, text))));
  return f;
}

// save hands a file that this page made to the person.
export function save(name: string, data: Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([data as BlobPart], { type }));
  const a = h("a", { href: url, download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
