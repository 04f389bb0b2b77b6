// SPDX-License-Identifier: Apache-2.0

// Saying what accounts look like: a few examples of each kind, said back in words, and a
// box to try one in before it is signed.

import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, field, form, heading, inset, para, section, summary, warning } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { splitAccounts } from "../joining/about.ts";
import { foldAccount } from "../roster.ts";
import { conflicts, fits, learn, say } from "./patterns.ts";
import { peoplePage } from "./people.ts";
import { signNext } from "./signing.ts";

export function accountsPage(app: App): Open {
  return () => {
    const now = app.desk.manifest.patterns;
    const pupil = field({ label: "Pupils’ accounts", rows: 3, hint: "Three or four examples, with commas between, such as 21jsmith, 22abrown, 20o'hara." });
    const staff = field({ label: "Staff’s accounts", rows: 3, hint: "Three or four examples. Leave empty what you do not want to change." });
    const out = h("div", { role: "status" });
    const test = field({ label: "An account to try", width: 20 });
    const verdict = h("p", { class: "govuk-body", role: "status" });
    const pick = (): { pupil: string[]; staff: string[]; fault: [string, string] } => {
      const [p, s] = [splitAccounts(pupil.value()), splitAccounts(staff.value())].map(learn) as [ReturnType<typeof learn>, ReturnType<typeof learn>];
      return { pupil: p.patterns.length > 0 ? p.patterns : now.pupil, staff: s.patterns.length > 0 ? s.patterns : now.staff, fault: [p.fault, s.fault] };
    };
    const clashes = (): string[] => {
      const c = pick();
      const own = splitAccounts(pupil.value()).flatMap((a) => owner(app, a) ?? []);
      return [...own, ...conflicts(c.pupil, c.staff, { pupil: splitAccounts(pupil.value()), staff: splitAccounts(staff.value()).filter((a) => !owner(app, a)) })];
    };
    const draw = (): void => {
      const c = pick();
      const bad = clashes();
      replace(out, summary([["Pupils’ accounts are", list(c.pupil)], ["Staff’s accounts are", list(c.staff)]]), bad.length > 0 ? warning(bullets(bad)) : null);
      tryOne();
    };
    const tryOne = (): void => replace(verdict, test.value().trim() === "" ? "" : judge(pick(), test.value().trim()));
    for (const f of [pupil, staff]) f.element.addEventListener("change", draw);
    test.element.addEventListener("input", tryOne);
    draw();
    const f = form({
      fields: [pupil.element, staff.element, out, section("Try it"), test.element, verdict], send: "Sign, and use this from now on",
      check: () => {
        draw();
        const c = pick();
        const none = splitAccounts(pupil.value()).length + splitAccounts(staff.value()).length === 0;
        return [{ field: pupil, error: none ? "Write some examples of pupils’ or of staff’s accounts" : c.fault[0] || (clashes()[0] ?? "") }, { field: staff, error: c.fault[1] }];
      },
      sent: async () => {
        const c = pick();
        try {
          await app.guard(() => signNext(app, (d) => void (d.patterns = { pupil: c.pupil, staff: c.staff })));
        } catch (e) {
          return f.fail(sentence(e));
        }
        await app.shell.go(peoplePage(app, "What accounts look like is signed, and used from now on."), "instead");
      },
    });
    return {
      title: "Account names",
      body: [
        heading("What do accounts look like here?"),
        para("Write a few real accounts of each kind, as different as they come. Sealwatch says back what it has understood. Capitals do not matter, nor what stands before \\ or behind @."),
        inset("If pupils’ and staff’s accounts look alike, leave one of them empty, and write the accounts of those who are in Sealwatch under their names."),
        f.element, buttons(button("Back to People", () => app.shell.goBack(), "secondary")),
      ],
    };
  };
}

// owner says whose an account is by name: such accounts need no pattern, and are no
// example of a pupil's.
function owner(app: App, account: string): string | undefined {
  const p = app.desk.manifest.people.find((q) => q.accounts.some((a) => foldAccount(a) === foldAccount(account)));
  return p && `“${account}” is the account of ${p.name}, and no pupil’s.`;
}

function list(patterns: string[]): Child {
  return patterns.length > 0 ? bullets(patterns.map(say)) : "Nobody has said yet.";
}

function judge(c: { pupil: string[]; staff: string[] }, account: string): string {
  const [staff, pupil] = [fits(c.staff, account), fits(c.pupil, account)];
  if (staff === null || pupil === null) return "There are rules here that were written by hand, and this page cannot try them.";
  if (staff) return pupil ? "Looks like both. Sealwatch takes it for a member of staff’s." : "Looks like a member of staff’s.";
  return pupil ? "Looks like a pupil’s." : "Looks like neither. Sealwatch takes it for a pupil’s, and says that it is not sure.";
}
