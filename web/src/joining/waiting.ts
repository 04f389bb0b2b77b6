// SPDX-License-Identifier: Apache-2.0

// Pages of a founding that wait, that end, and that stop.

import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { bullets, heading, para, progress } from "../page/kit.ts";
import { type View } from "../page/shell.ts";
import { clock } from "../tell.ts";
import { type Meeting } from "./meeting.ts";

// endPage says why there is no way on from here, and what to do.
export function endPage(title: string, ...why: string[]): View {
  return { title, body: [heading(title), why.map((t) => para(t))] };
}

export function until(m: Meeting): Child {
  return m.ends ? para(`You have until ${clock(m.ends)}. After that you begin again with a new link.`) : null;
}

// waiting says what is waited for, and whether the server still answers.
export function waiting(m: Meeting, text: string): Child {
  const p = progress(text);
  m.watch(() => p.say(m.lost ? "The server does not answer. Check that you are on the network; this page goes on by itself." : text));
  return h("div", {}, p.element, until(m), para("Leave this page open. You need to press nothing."));
}

// stopBetween is what is said when two devices do not speak to each other alone.
export function stopBetween(app: App): void {
  app.shell.stop("Stop: somebody may stand between you",
    para("The words did not agree, or something changed that cannot change. Nothing was founded, and the other person is told to stop too."),
    para("Tell the other person now, by voice:"),
    bullets(["Stop, and close the page.", "Do not use the link again.", "Tear up both sheets. The keys are worth nothing."]),
    para("Then tell the chair of governors what happened, before anybody in IT. It can be a mistake in hearing. It can also be that somebody sat between your two devices."),
    para("To begin again, ask for a new link, and use another network if you can, such as a phone’s."));
}
