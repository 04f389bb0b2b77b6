// SPDX-License-Identifier: Apache-2.0

// One person who is in the school: a new key for who lost theirs, another role or account,
// and the end for who leaves.

import { aboutFields, roleChoices } from "../joining/about.ts";
import { type Person, type Role, roleNames } from "../manifest.ts";
import { list, record } from "../bytes.ts";
import { type App } from "../page/app.ts";
import { h } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, details, field, form, heading, inset, para, section, warning } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { relockPart } from "./admit.ts";
import { send, takenBy } from "./invite.ts";
import { peoplePage } from "./people.ts";
import { lacking } from "./reads.ts";
import { remove, signNext } from "./signing.ts";

// newKeyPage invites somebody again under the same name.
export function newKeyPage(app: App, p: Person): Open {
  return () => {
    const place = h("div");
    const go = (): Promise<boolean> => app.attempt(place, () => send(app, p.id, p));
    return {
      title: "A new key",
      body: [
        heading(`A new key for ${p.name}`),
        para("For somebody who has lost their words, or whose sheet somebody else may have seen. Nobody can look up the old words."),
        bullets([
          "You send them a link, as for a new person. They make a key, and read six words to you.",
          "The old key goes on until you admit the new one. Then it opens nothing any more.",
          "Items that were sealed to the old key only do not open with the new one. Others who read them can.",
        ]),
        inset("If somebody else may have the words now, remove the person first, and invite them again afterwards: a removed key ends at once."),
        place, buttons(button("Make the link", async () => void (await go())), button("Back to People", () => app.shell.goBack(), "secondary")),
      ],
    };
  };
}

// removePage changes what somebody is, or takes them out.
export function removePage(app: App, p: Person): Open {
  return () => {
    const place = h("div");
    const without = lacking(app.desk.manifest.people.filter((q) => q.id !== p.id));
    const go = async (): Promise<void> => {
      if (await app.attempt(place, () => signNext(app, (d, m) => remove(d, m, p.id)))) await app.shell.go(removedPage(app, p), "instead");
    };
    if (p.roles.includes("head")) {
      return { title: "Change", body: [heading("Change what is written of you"), changeForm(app, p), buttons(button("Back to People", () => app.shell.goBack(), "secondary"))] };
    }
    return {
      title: "Change or remove",
      body: [
        heading(`${p.name}: change or remove`),
        details("Change name, roles, accounts or e-mail address", para("Their key stays. Other roles count for what is sealed from now on."), changeForm(app, p)),
        section(`Remove ${p.name}`),
        bullets([
          "They are signed out at once, and can open nothing any more: not what is new, and not what is old.",
          "What they read, printed or wrote down before, they still have. Nobody can take that back. Ask for their sheet and their print-outs.",
          "What they recorded stays, under their name.",
        ]),
        without.stops.length > 0 ? warning(without.stops.join(" ")) : [
          without.halts.length > 0 ? warning(`Without ${p.name} monitoring does not run. ${without.halts.join(" ")} Invite the next person first, if you can.`) : null,
          place, buttons(button(`Sign, and remove ${p.name}`, go, "warning")),
        ],
        buttons(button("Back to People", () => app.shell.goBack(), "secondary")),
      ],
    };
  };
}

function removedPage(app: App, p: Person): Open {
  return () => ({
    title: "Removed",
    body: [
      heading(`${p.name} is removed`), para("Their key opens nothing any more. What they signed in their time still holds."),
      relockPart(app, p.name), buttons(button("Back to People", () => app.shell.go(peoplePage(app), "instead"))),
    ],
  });
}

// changeForm alters what the manifest says of somebody; their key stays. The headteacher
// stays the headteacher: that place is given by founding the school.
function changeForm(app: App, p: Person): HTMLElement {
  const { head: _head, technician, ...others } = roleChoices;
  const head = p.roles.includes("head");
  const choices = head ? [others.dsl, others["case-manager"]]
    : p.roles.includes("technician") ? [technician] : [{ value: "leader", text: roleNames.leader, hint: "Leads the school beside you." }, ...Object.values(others)];
  const fields = aboutFields({
    whose: head ? "my" : "their", needRole: !head, rolesLegend: head ? "Besides being the headteacher, are you also one of these?" : "What are they in the school?", titleHint: "",
    value: p, taken: () => takenBy(app, p.id), roles: choices,
  });
  const phone = field({ label: head ? "Your telephone number" : "Their telephone number", width: 20, inputmode: "tel", value: p.phone, hint: "A technician sees the numbers of the headteacher and of the safeguarding team, for when something cannot wait." });
  const roles = (): Role[] => [...(head ? ["head" as const] : []), ...fields.value().roles];
  const f = form({
    fields: [...fields.elements, phone.element], send: "Sign this change",
    check: () => {
      const all = fields.check();
      const after = lacking(app.desk.manifest.people.map((q) => (q.id === p.id ? { ...q, roles: roles() } : q)));
      const box = all[2]!; // aboutFields lays them out in this order
      if (box.error === "" && after.stops.length > 0) box.error = after.stops[0]!;
      return [...all, { field: phone, error: /^(\+?[0-9 ()-]{3,30})?$/.test(phone.value().trim()) ? "" : "Write a telephone number, such as 01632 960123" }];
    },
    sent: async () => {
      const a = fields.value();
      try {
        await app.guard(() => signNext(app, (d) => {
          d.people = list(d.people).map((q) => record(q).id !== p.id ? q : {
            ...record(q), name: a.name, title: a.title, roles: roles(), accounts: a.accounts.length > 0 ? a.accounts : undefined, mail: a.mail || undefined, phone: phone.value().trim() || undefined,
          });
        }));
      } catch (e) {
        return f.fail(sentence(e));
      }
      await app.shell.go(peoplePage(app, `What is written of ${a.name} is changed and signed.`), "instead");
    },
  });
  return f.element;
}
