// SPDX-License-Identifier: Apache-2.0

// "I need to tell a senior leader now": names and numbers from the signed manifest.

import { type Person, roleNames } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { h } from "../page/dom.ts";
import { button, buttons, heading, inset, lead, para, steps } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { screen } from "../tell.ts";
import { declarePage } from "./declare.ts";

// leaders are those to ring, the safeguarding lead first.
export function leaders(people: Person[]): Person[] {
  const order = ["dsl", "deputy", "head", "leader"] as const;
  const rank = (p: Person): number => order.findIndex((r) => p.roles.includes(r));
  return people.filter((p) => rank(p) >= 0).sort((a, b) => rank(a) - rank(b));
}

export function leaderPage(app: App): Open {
  return () => {
    const all = leaders(app.desk.manifest.people);
    return {
      title: "Tell a senior leader",
      body: [
        heading("Tell a senior leader now"),
        lead("Ring, or go to them. Start at the top; if nobody answers, try the next."),
        h("ol", { class: "sw-leaders" }, all.map((p) => h("li", {},
          h("strong", { class: "sw-leader-phone" }, p.phone || "Go to them: no number is in the list yet"),
          h("span", {}, screen(p.name), ", ", screen(p.title || roleNames[p.roles[0]!]))))),
        all.some((p) => !p.phone) ? inset("The headteacher adds numbers, under “People”.") : null,
        steps([
          "Say: “I have come across something that worries me. I have not looked further.”",
          "Do not say on the phone, in a ticket or by e-mail what it was. Do not send it.",
          "Write down the time, and whom you told. That is all that is asked of you.",
        ]),
        para("Is somebody in danger this minute? 999 first."),
        para("Is it about one of these people? Go to another of them; about the headteacher, to the chair of governors."),
        buttons(button("Write a declaration, one minute", () => app.shell.go(declarePage(app)), "secondary")),
      ],
    };
  };
}
