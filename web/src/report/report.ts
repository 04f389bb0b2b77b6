// SPDX-License-Identifier: Apache-2.0

// Anybody's report, at /report: no name is asked for, nothing is kept in the browser, and
// what is written is sealed here to the safeguarding team and the headteacher.

import { type App } from "../page/app.ts";
import { h } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { details, field, form, heading, lead, panel, para, radios, section, steps } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { impossible } from "../reader/signin.ts";
import { screen } from "../tell.ts";
import { type Kind, kinds, newReceipt, sendReport } from "./sealed.ts";

const offered: Kind[] = ["popup", "saw", "shown", "worry"];

export function reportPage(app: App): Open {
  return async () => {
    void app.gate.school().then((s) => app.shell.setFrame({ school: screen(s.school.name), demo: s.school.demo })).catch(() => undefined);
    const cannot = impossible(globalThis as unknown as Parameters<typeof impossible>[0]);
    return {
      title: "Tell somebody",
      body: [
        heading("Something on a screen?"),
        lead("You are not in trouble. It was right to come here."),
        steps([
          [h("strong", {}, "Turn the screen off, "), "or turn it away. Leave the computer on."],
          [h("strong", {}, "Do not look again. "), "Do not show it to others, do not take a picture of it, do not send it on."],
          [h("strong", {}, "Tell an adult you trust at school. "), "You can also tell us here. You need not do it alone."],
        ]),
        para(h("strong", {}, "Is somebody in danger now? "), "Ring 999. If you would rather talk to somebody outside school: Childline, 0800 1111, free, day and night."),
        section("Tell us here"),
        cannot ? para("This browser cannot seal what you write, so please do not write it here. Go to an adult you trust, now.") : reportForm(app),
        details("Who reads this?", para("The safeguarding lead, their deputies and the headteacher. What you write is sealed in this browser before it is sent; IT cannot read it. Your name is not sent unless you write it."),
          para("If it is about the headteacher, tell the chair of governors. If it is about the safeguarding lead, tell the headteacher. Go to them yourself.")),
      ],
    };
  };
}

function reportForm(app: App): HTMLElement {
  const kind = radios({ legend: "What happened?", choices: offered.map((value) => ({ value, text: kinds[value] })) });
  const where = field({ label: "Where was it? (you may leave this empty)", width: 30, hint: "Such as: library, second computer from the door." });
  const words = field({ label: "Anything you want to say (you may leave this empty)", rows: 3, hint: "In your own words. Do not write the address of the page, and do not go back to look." });
  const from = field({ label: "Your name, if somebody may come to you (you may leave this empty)", width: 30 });
  const f = form({
    fields: [kind.element, where.element, words.element, from.element], send: "Seal and send",
    check: () => [
      { field: kind, error: kind.value() ? "" : "Choose what happened" },
      ...[where, words, from].map((x, i) => ({ field: x, error: x.value().length > (i === 1 ? 1500 : 200) ? "Write a little less" : "" })),
    ],
    sent: async () => {
      const receipt = newReceipt();
      try {
        await sendReport(app.gate, { kind: kind.value() as Kind, receipt, at: app.gate.now(), where: where.value().trim(), words: words.value().trim(), from: from.value().trim() });
      } catch (e) {
        return f.fail(`It was not sent. ${sentence(e)} Tell an adult you trust, now.`);
      }
      await app.shell.begin(sentPage(receipt, from.value().trim() !== ""));
    },
  });
  return f.element;
}

function sentPage(receipt: string, named: boolean): Open {
  return () => ({
    title: "Sent",
    body: [
      panel("Thank you. It is sent", `Receipt ${receipt}`),
      para(named ? "Somebody from the safeguarding team will come to you, quietly." : "You did not write your name, so nobody can come to you. If you want to talk, go to an adult you trust and say the receipt."),
      para("You have done what was right. You need do nothing more, and you need not look at it again."),
      para("It may not be read this minute. If you are worried about somebody today, tell an adult at school now, face to face."),
    ],
  });
}
