// SPDX-License-Identifier: Apache-2.0

// People: who is in the school, what each of them reads, who waits to be admitted, and
// what is missing. Only the headteacher has this page, and only their signature changes it.

import { type Invite } from "../gate.ts";
import { type Person } from "../manifest.ts";
import { rolesInWords } from "../joining/enrolsays.ts";
import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, details, heading, inset, link, para, section, small, summary, table, tag, trouble } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { amber, notStarted } from "../reader/school.ts";
import { sayTime } from "../tell.ts";
import { accountsPage } from "./accounts.ts";
import { admitPage } from "./admit.ts";
import { invitePage } from "./invite.ts";
import { newKeyPage, removePage } from "./person.ts";
import { readsOf, whoReads } from "./reads.ts";
import { say } from "./patterns.ts";

export function peoplePage(app: App, said = ""): Open {
  return async () => {
    await app.guard(() => app.desk.refreshManifest());
    const m = app.desk.manifest;
    const state = h("div");
    const invites = h("div");
    void app.gate.school().then((s) => replace(state, notStarted(s) ?? amber(s))).catch((e) => replace(state, trouble(sentence(e))));
    void app.gate.invites().then((all) => replace(invites, waitingPart(app, all))).catch((e) => replace(invites, trouble(sentence(e))));
    return {
      title: "People",
      body: [
        heading("People"), said ? inset(h("div", { role: "status" }, said)) : null, state, invites,
        buttons(button("Invite somebody", () => app.shell.go(invitePage(app)))),
        section("Who is in the school"), m.people.map((p) => card(app, p)),
        table("Who reads what", ["Kind", "First", "Then"], whoReads(m).map((r) => [r.what, r.first.join(", ") || "nobody", r.then.join(", ") || "nobody"])),
        para("Nobody ever reads about themselves. Each kind of concern waits for those who read it first; then it is the next one’s turn."),
        section("Account names"), patternPart(app),
      ],
    };
  };
}

function card(app: App, p: Person): Child {
  const { me, manifest } = app.desk;
  return h("section", { class: "sw-person", "aria-label": p.name },
    h("h3", { class: "govuk-heading-s" }, p.name, p.id === me.id ? " (you)" : ""),
    summary([
      ["Title", p.title], ["Is", rolesInWords(p.roles)], ["Reads", bullets(readsOf(manifest, p))],
      ["Name in Sealwatch", p.id], ["Account names", p.accounts.join(", ") || "none"], ["Notices go to", p.mail || "nowhere"],
    ]),
    p.roles.includes("head") ? buttons(link("Change what is written of you", () => app.shell.go(removePage(app, p)))) : buttons(
      link(["New key", h("span", { class: "govuk-visually-hidden" }, ` for ${p.name}`)], () => app.shell.go(newKeyPage(app, p))),
      link(["Change or remove", h("span", { class: "govuk-visually-hidden" }, ` ${p.name}`)], () => app.shell.go(removePage(app, p)))));
}

function waitingPart(app: App, all: Invite[]): Child {
  const waiting = all.filter((i) => i.state === "waiting");
  const open = all.filter((i) => i.state === "invited");
  const now = app.gate.now();
  return [
    waiting.length > 0 ? section("Waiting for you") : null,
    waiting.map((i) => h("section", { class: "sw-person", "aria-label": i.name },
      h("h3", { class: "govuk-heading-s" }, i.name, " ", tag("Has made a key", "yellow")),
      para(`${i.title}, invited as ${rolesInWords(i.roles)}. Ring them: they read six words to you.`),
      buttons(button(`Type the words of ${i.name}`, () => app.shell.go(admitPage(app, i)))))),
    open.length > 0 ? section("Invited") : null,
    open.map((i) => {
      const place = h("div");
      return h("section", { class: "sw-person", "aria-label": i.name },
        h("h3", { class: "govuk-heading-s" }, i.name), para(`${rolesInWords(i.roles)}. Has not used the link yet. It holds until ${sayTime(i.ends, now)}.`),
        place, link(["End this invitation", h("span", { class: "govuk-visually-hidden" }, ` of ${i.name}`)], () => end(app, place, i)));
    }),
  ];
}

async function end(app: App, place: HTMLElement, i: Invite): Promise<void> {
  if (await app.attempt(place, () => app.gate.endInvite(i.id))) await app.shell.go(peoplePage(app, `The invitation of ${i.name} is ended. The link opens nothing any more.`), "instead");
}

function patternPart(app: App): Child {
  const { pupil, staff } = app.desk.manifest.patterns;
  const list = (all: string[]): Child => (all.length > 0 ? bullets(all.map(say)) : "Nobody has said yet.");
  return [
    para("The log has accounts and no names. If Sealwatch knows what a pupil’s account looks like and what a member of staff’s does, a concern about an adult does not go to those who read about pupils."),
    summary([["Pupils’ accounts", list(pupil)], ["Staff’s accounts", list(staff)]]),
    buttons(button("Say what accounts look like", () => app.shell.go(accountsPage(app)), "secondary")),
    details("Why you sign this, and not IT", para("Whoever decides which accounts are staff’s decides who reads about whom. A directory that technicians edit has no say in it.")),
    small("Every change here is signed with your key, and recorded."),
  ];
}
