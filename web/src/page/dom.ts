// SPDX-License-Identifier: Apache-2.0

// Builds the page's elements. Text goes in as text and in no other way: there is no call
// here, and none in the pages, that reads markup. The page's policy (Trusted Types)
// holds that too.

export type Child = Node | string | number | null | undefined | false | Child[];

export interface Props {
  class?: string;
  on?: { [K in keyof HTMLElementEventMap]?: (e: HTMLElementEventMap[K]) => void };
  [attribute: string]: unknown;
}

// Only what we lay out ourselves may be followed: a place in this page, or a file that
// this page made. An address from a log is never either.
const followable = /^(#[a-z0-9-]*|blob:.*)$/;
const attributeName = /^(?!on)[a-z][a-z0-9-]*$/i;

function fill(e: Element, props: Props, children: Child[]): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value as object)) e.addEventListener(event, listener as EventListener);
      continue;
    }
    const s = value === true ? "" : String(value);
    if (!attributeName.test(name) || name === "style" || name === "src" || name === "srcdoc") throw new TypeError("attribute");
    if (name === "href" && !followable.test(s)) throw new TypeError("href");
    e.setAttribute(name, s);
  }
  append(e, children);
}

export function append(e: Element, children: Child[]): void {
  for (const c of children) {
    if (Array.isArray(c)) append(e, c);
    else if (c instanceof Node) e.append(c);
    else if (c !== null && c !== undefined && c !== false) e.append(String(c));
  }
}

// h makes an element: h("p", { class: "govuk-body" }, "words ", h("strong", {}, "more")).
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  fill(e, props, children);
  return e;
}

// svg makes an element of a drawing.
export function svg(tag: string, props: Props = {}, ...children: Child[]): SVGElement {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(e, props, children);
  return e;
}

let ids = 0;

// fresh makes an id that no other element of this page has.
export function fresh(prefix: string): string {
  return `${prefix}-${++ids}`;
}

// replace puts children in place of all that an element holds.
export function replace(e: Element, ...children: Child[]): void {
  e.replaceChildren();
  append(e, children);
}
