// SPDX-License-Identifier: Apache-2.0

// Six words read aloud, and six words typed as the other reads them. It is the only step
// that shows whether somebody stands between two devices, so it ends everything when the
// words do not agree.

import { type Child, h } from "../page/dom.ts";
import { type Form, button, field, form, inset, para, section, words } from "../page/kit.ts";
import { fold, known } from "../words.ts";

export const tries = 3;

export interface Listen {
  want: () => string[];
  who: string; // who reads them
  send: string;
  right: () => void | Promise<void>;
  wrong: () => void; // after the last try
}

// Verdict says what to make of typed words: a slip of the ear is no try.
export function heard(typed: string, want: string[]): { right: boolean; counts: boolean; say: string } {
  const got = fold(typed).split(" ").filter(Boolean);
  if (got.join(" ") === want.join(" ")) return { right: true, counts: true, say: "" };
  if (got.length !== want.length) return { right: false, counts: false, say: `Type all six words, with a space between. You have typed ${got.length}` };
  const strange = got.filter((w) => !known(w));
  if (strange.length > 0) return { right: false, counts: false, say: `“${strange[0]!.slice(0, 30)}” is none of the words that Sealwatch uses. Ask how it is spelled` };
  return { right: false, counts: true, say: "" };
}

// listen is the form in which the other's words are typed.
export function listen(o: Listen): HTMLFormElement {
  const typed = field({ label: `The six words that ${o.who} reads out`, hint: "Type what you hear, with spaces between. Capitals do not matter. Do not let anybody send them to you in writing.", rows: 2 });
  let left = tries;
  const f: Form = form({
    fields: [typed.element], send: o.send,
    check: () => {
      const v = heard(typed.value(), o.want());
      return [{ field: typed, error: v.right || v.counts ? "" : v.say }];
    },
    sent: async () => {
      if (heard(typed.value(), o.want()).right) return o.right();
      left--;
      if (left === 0) return o.wrong();
      f.fail(`These are not the words that this page expects. Ask ${o.who} to read them again, slowly, from the page and not from memory. You have ${left === 1 ? "one more try" : "two more tries"}; then everything stops, for your safety.`);
    },
  });
  return f.element;
}

// aloud shows one's own words.
export function aloud(who: string, mine: string[]): Child {
  return [section(`Read these to ${who}`), words(mine), para("Say them slowly, in this order. Spell a word if it is not clear.")];
}

export function notTheSame(stop: () => void): Child {
  return inset(para("Do the words not agree, or does something feel wrong? Then stop. Nothing is lost by stopping."), button("Stop: the words do not agree", stop, "warning"));
}

export function asking(text: string): HTMLElement {
  return h("p", { class: "govuk-body", role: "status" }, text);
}
