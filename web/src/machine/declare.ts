// SPDX-License-Identifier: Apache-2.0

// A declaration: "I came across something." One minute, no address, no description; sealed
// in this browser to the safeguarding team and the headteacher, with a receipt.

import { type App } from "../page/app.ts";
import { sentence } from "../page/faults.ts";
import { form, heading, lead, panel, para, radios } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { newReceipt, sendReport } from "../report/sealed.ts";

const where = { log: "In a log file", screen: "On a screen or a device", ticket: "In a ticket, an e-mail or a message", copy: "In a backup or another copy", other: "Somewhere else" };
const when = { now: "Just now", today: "Earlier today", before: "Before today" };
const copies = { no: "No", yes: "Yes, and I have left it as it is", unsure: "I do not know" };

const choices = (of: Record<string, string>): { value: string; text: string }[] => Object.entries(of).map(([value, text]) => ({ value, text }));

export function declarePage(app: App): Open {
  return () => {
    const a = radios({ legend: "Where was it?", choices: choices(where) });
    const b = radios({ legend: "When?", choices: choices(when) });
    const c = radios({ legend: "Does a copy lie somewhere that others can reach?", choices: choices(copies) });
    const f = form({
      fields: [a.element, b.element, c.element], send: "Seal and send",
      check: () => [
        { field: a, error: a.value() ? "" : "Choose where it was" }, { field: b, error: b.value() ? "" : "Choose when" }, { field: c, error: c.value() ? "" : "Choose one; “I do not know” is an answer" },
      ],
      sent: async () => {
        const receipt = newReceipt();
        try {
          await sendReport(app.gate, {
            kind: "exposure", receipt, at: app.gate.now(), from: `${app.desk.me.name}, ${app.desk.me.title}`, where: where[a.value() as keyof typeof where],
            words: `When: ${when[b.value() as keyof typeof when]}. A copy that others can reach: ${copies[c.value() as keyof typeof copies]}.`,
          });
        } catch (e) {
          return f.fail(sentence(e));
        }
        await app.shell.go(receiptPage(receipt, app.gate.now()), "instead");
      },
    });
    return {
      title: "Declare what I saw",
      body: [
        heading("I came across something"),
        lead("Three questions. Do not write what it was, and no address: nobody asks you."),
        f.element,
      ],
    };
  };
}

function receiptPage(receipt: string, at: Date): Open {
  return () => ({
    title: "Declared",
    body: [
      panel("It is sealed and sent", `Receipt ${receipt}`),
      para(`Write the receipt and the time down: ${at.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })}. It shows that you told at once.`),
      para("The safeguarding lead and the headteacher can open it, and nobody who runs the machines. If it cannot wait, ring them as well."),
    ],
  });
}
