// SPDX-License-Identifier: Apache-2.0

// What goes on paper when keys are made: a person's own sheet with their six words, and
// the two keys of the school that exist on paper only.

import { type Child, h } from "../page/dom.ts";
import { ownMachine } from "../page/shell.ts";

export interface PersonalSheet {
  school: string; // "" while it is not known: a line to write it on
  address: string;
  id: string;
  name: string;
  passphrase: string;
  words: string[]; // the school's six words; empty while there are none
  made: Date;
}

// whereToSignIn is the address that the sheet names.
export function whereToSignIn(): string {
  return ownMachine() ? "The sealopen program on your own machine" : location.origin;
}

// whatITMustNot is the sentence that nobody should have to argue about.
export const whatITMustNot = "Nobody from IT may ask for these words, read them, keep them or type them for you. If somebody asks, say no, and tell the headteacher.";

function day(t: Date): string {
  return t.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

function line(): Child {
  return h("span", { class: "sw-sheet__line" });
}

// personalSheet is the paper that opens a person's key wherever they are.
export function personalSheet(s: PersonalSheet): Child {
  return h("article", { class: "sw-sheet sw-keysheet", translate: "no" },
    h("h1", {}, "Sealwatch: your key"),
    h("p", { class: "sw-sheet__under" }, "For ", h("strong", {}, s.name), " only. Made on ", day(s.made), "."),
    h("h2", {}, "To sign in"),
    h("table", {}, h("tbody", {},
      row("School", s.school || line()), row("Address", s.address), row("Your name in Sealwatch", s.id))),
    h("h2", {}, "Your six words"),
    h("ol", { class: "sw-sheet__words" }, s.passphrase.split(" ").map((w) => h("li", {}, w))),
    h("h2", {}, "The school’s six words"),
    s.words.length > 0 ? h("p", {}, h("strong", {}, s.words.join(" ")))
      : h("ol", { class: "sw-sheet__words" }, [1, 2, 3, 4, 5, 6].map(() => h("li", {}, line()))),
    h("p", {}, s.words.length > 0 ? "" : "Write them here when the page shows them. ", "They stand at the foot of every page. If they are ever others, stop, and ring the headteacher."),
    h("h2", {}, "Keep this sheet"),
    h("ul", {},
      h("li", {}, whatITMustNot),
      h("li", {}, "Lock it away where you keep a passport. Not at your desk, not with your computer, not in a photograph, not in an e-mail."),
      h("li", {}, "Whoever has these words can read what you can read. If the sheet is gone, tell the headteacher the same day: your key is then replaced."),
      h("li", {}, "Nobody can tell you these words again. If you forget them and the sheet is lost, you get a new key, and the others go on with what you were reading.")));
}

function row(key: string, value: Child): Child {
  return h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, value));
}

export type PaperKind = "recovery" | "handover";

export interface PaperKey {
  kind: PaperKind;
  identity: string;
  recipient: string;
}

export const paperNames: Record<PaperKind, string> = { recovery: "Recovery key", handover: "Hand-over key" };

export const paperFor: Record<PaperKind, string[]> = {
  recovery: [
    "It opens items of this school if every reader has lost their key, or must not read.",
    "Two leaders open the envelope together, and write down when and why.",
    "Keep it in the school’s safe, in a sealed envelope with both your signatures across the flap.",
  ],
  handover: [
    "It opens the parts that hold an address from a list of illegal material. Nothing else opens them, and nobody in the school should.",
    "Give it to the police, or to the Internet Watch Foundation, if they ask for it. Never look yourself: that can be against the law.",
    "Keep it in a sealed envelope of its own, apart from the recovery key.",
  ],
};

// blocks puts a key into groups that a person can copy and compare.
export function blocks(identity: string): string[] {
  return identity.match(/.{1,6}/g) ?? [];
}

// ending is what is typed back, to show that the key is on paper.
export function ending(identity: string): string {
  return identity.slice(-6);
}

export function paperSheet(k: PaperKey, school: string, founders: string[], made: Date): Child {
  return h("article", { class: "sw-sheet sw-keysheet", translate: "no" },
    h("h1", {}, `Sealwatch: ${paperNames[k.kind].toLowerCase()}`),
    h("p", { class: "sw-sheet__under" }, h("strong", {}, school), ". Made on ", day(made), ". It is on this paper and nowhere else."),
    h("h2", {}, "The key"),
    h("p", { class: "sw-sheet__key" }, blocks(k.identity).map((b) => h("span", {}, b))),
    h("p", {}, "It is one text without spaces, of 77 letters, digits and hyphens."),
    h("h2", {}, "What it is for"),
    h("ul", {}, paperFor[k.kind].map((t) => h("li", {}, t)), h("li", {}, "Nobody from IT may see, copy or keep this sheet.")),
    h("h2", {}, "Put away by"),
    founders.map((f) => h("p", { class: "sw-sheet__sign" }, f)), h("p", { class: "sw-sheet__sign" }, "Where, and when"));
}
