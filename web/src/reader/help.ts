// SPDX-License-Identifier: Apache-2.0

// How this works, on one page: what an item is, what the grades mean, what cannot be
// seen, and what the people who run the server can and cannot do.

import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { bullets, details, dots, heading, lead, para, steps } from "../page/kit.ts";
import { type Open, ownMachine } from "../page/shell.ts";
import tables from "../gen/tell.json";

export function helpPage(_app: App): Open {
  return () => ({ title: "How this works", body: [
    heading("How this works"),
    lead("Sealwatch reads what the school’s web filter logs. What may mean that a child is at risk is sealed to you, and waits in your list."),
    steps([
      [h("strong", {}, "Open an item. "), "It says first whether somebody may be in danger, then what to do, then how we know."],
      [h("strong", {}, "Ask who it is, if you need to. "), "One judges more fairly before one knows the name. Both are recorded."],
      [h("strong", {}, "Act. "), "A person comes before the system. If a child may be in danger now, call 999."],
      [h("strong", {}, "Write down what you did. "), "It is sealed. Copy it into the child’s file: Sealwatch is not that file."],
    ]),
    part("What we cannot see",
      para("We see what was asked for. We do not see what was read, said or meant, nor what happens on mobile data, at home without the filter, or inside an app or a chat. An empty list does not mean that all is well."),
      para("Sealwatch never opens an address that a child looked for, and nobody in the school should. The words may be a lesson, a book, a game, or a friend’s trouble.")),
    part("What the grades mean",
      grades("How much we saw", tables.evidence), grades("Whether somebody meant it", tables.intent), grades("How surely we know the account", tables.attribution),
      para("Levels are of items, never of children. Nobody’s items are added up.")),
    part("What IT can and cannot do",
      para("The people who run the server cannot read an item, nor the list of names, nor what you write: only your key opens them. You need not ask them, and they need not know."),
      bullets([
        "They can see that the server runs, and that somebody signed in.",
        "They can read the filter’s own log before Sealwatch does, if they have full rights on that machine.",
        "With full rights on the server they can find out who is told, and when.",
        ownMachine() ? "They have no part in these pages: they come from your own machine." : "They serve these pages, and could alter them. The sealopen program on your own machine does not have that weakness.",
      ])),
    part("If an item is wrong",
      para("Say so in its record: choose “It had an ordinary explanation” or “no concern”. That is how leadership sees that a rule is too eager; changing a rule is theirs, not yours and not IT’s."),
      para("If an item is about an adult who works here, do not look further: tell the headteacher. If it is about the headteacher, tell the chair of governors.")),
    part("If something is missing or damaged",
      para("It is shown as such and never left out. Tell the headteacher the same day. If these pages say “Stop”, stop, and ring the headteacher on a number that you know.")),
    part("When it hurts",
      para("What you read here can stay with you. Words are hidden until you ask for them, and you may leave them hidden. Speak with the person who supervises you.")),
  ] });
}

function part(title: string, ...children: Child[]): Child {
  return h("section", {}, h("h2", { class: "govuk-heading-m" }, title), ...children);
}

function grades(title: string, of: Record<string, { dots: number; sentence: string }>): Child {
  const rows = Object.values(of).sort((a, b) => b.dots - a.dots);
  return details(title, h("ul", { class: "govuk-list sw-sure" }, rows.map((g) => h("li", {}, dots(g.dots), h("span", {}, g.sentence)))));
}
