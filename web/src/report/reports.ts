// SPDX-License-Identifier: Apache-2.0

// What people reported, for the safeguarding team and the headteacher. Opening one is
// recorded first; what was dealt with is erased for good.

import { SealError } from "../bytes.ts";
import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { button, buttons, content, heading, inset, lead, para, summary } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { count, capital, sayTime, screen } from "../tell.ts";
import { type Report, kinds, openReport } from "./sealed.ts";

export function reportsPage(app: App, said = ""): Open {
  return async () => {
    const ids = await app.guard(() => app.gate.reports());
    app.shell.setFrame({ menu: app.menu().map((e) => (e.name === "reports" ? { ...e, text: ids.length > 0 ? `Reports (${ids.length})` : "Reports" } : e)) });
    return {
      title: "Reports",
      body: [
        heading("What people have reported"), said ? inset(h("div", { role: "status" }, said)) : null,
        lead(ids.length === 0 ? "Nobody has reported anything that waits for you." : `${capital(count(ids.length, "report waits", "reports wait"))}.`),
        para("Anybody in school can write one at ", h("strong", {}, location.host + "/report"), ", without signing in. A report says what somebody wrote, not what happened: speak with them before you decide."),
        ids.map((id, i) => one(app, id, i + 1)),
      ],
    };
  };
}

function one(app: App, id: string, n: number): Child {
  const place = h("div");
  const trouble = h("div");
  const open = button(`Open report ${n}`, async () => {
    await app.attempt(trouble, async () => {
      const box = await app.gate.openReport(id);
      let r: Report;
      try {
        r = await openReport(box, app.desk.key.identity);
      } catch (e) {
        if (!(e instanceof SealError)) throw e;
        replace(place, para("This report does not open with your key: it was sealed before you joined, or it is damaged. Ask a colleague of the safeguarding team to try."), erase(app, id, trouble));
        return;
      }
      replace(place, body(app, r), erase(app, id, trouble));
    });
  }, "secondary");
  replace(place, buttons(open));
  return h("section", { class: "sw-person", "aria-label": `Report ${n}` }, h("h2", { class: "govuk-heading-s" }, `Report ${n}`), place, trouble);
}

function body(app: App, r: Report): Child {
  return summary([
    ["What", kinds[r.kind]], ["When", sayTime(r.at, app.gate.now())], ["Where", content(screen(r.where) || "not said")],
    ["In their words", content(screen(r.words) || "nothing")], ["From", content(screen(r.from) || "somebody who did not say")], ["Receipt", r.receipt],
  ]);
}

function erase(app: App, id: string, trouble: Element): Child {
  return [
    para("Write what you do into the child’s file first. An erased report cannot be brought back."),
    buttons(button("It is dealt with: erase it", async () => {
      await app.attempt(trouble, async () => {
        await app.gate.endReport(id);
        await app.shell.go(reportsPage(app, "The report is erased."), "instead");
      });
    }, "warning")),
  ];
}
