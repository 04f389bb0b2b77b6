// SPDX-License-Identifier: Apache-2.0

// One page for technicians: what to do when one comes across something. docs/technician.md
// has the same.

import { type App } from "../page/app.ts";
import { h } from "../page/dom.ts";
import { bullets, button, buttons, heading, inset, lead, para, section, steps } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { declarePage } from "./declare.ts";
import { leaderPage } from "./leader.ts";

export function glimpsePage(app: App): Open {
  return () => {
    const lead_ = app.desk.manifest.people.find((p) => p.roles.includes("dsl"));
    const head = app.desk.manifest.people.find((p) => p.roles.includes("head"));
    return {
      title: "If you see something",
      body: [
        heading("If you come across something"),
        lead("You look after the machine. You are not asked to judge what a child or a colleague did, and nobody may ask you to look."),
        steps([
          [h("strong", {}, "Stop. "), "Do not open it, do not scroll, do not search for more. Opening some pictures is a crime, for you too."],
          [h("strong", {}, "Cover it. "), "Turn the screen off, not the computer. If it is a device of somebody else’s, keep it away from others."],
          [h("strong", {}, "Change nothing. "), "Do not delete, copy, photograph or forward it. Do not try the address."],
          [h("strong", {}, "Tell. "), `Ring ${lead_?.name ?? "the safeguarding lead"} or ${head?.name ?? "the headteacher"}, or go to them, now.`],
          [h("strong", {}, "Declare it. "), "One minute, sealed to the two of them. It protects you: it shows that you told at once."],
        ]),
        buttons(button("I need to tell a senior leader now", () => app.shell.go(leaderPage(app))), button("Declare what I saw", () => app.shell.go(declarePage(app)), "secondary")),
        section("What you may do"),
        bullets([
          "Keep the feeds alive, the disk free, the certificate valid, the backup fresh.",
          "Act on an account or a device when a leader has asked you in writing: what, to which device, until when. You are not told why.",
          "Say no. If somebody asks you to look something up about a person, say that you may not, and send them to the safeguarding lead.",
        ]),
        section("You are not alone with it"),
        para(`${lead_?.name ?? "The safeguarding lead"} supervises this. What you saw may stay with you; talk to them, or to somebody who looks after staff. It is no weakness.`),
        inset("Sealwatch’s own pages never show you content. What you may come across is in raw logs, on screens, in tickets and on devices."),
      ],
    };
  };
}
