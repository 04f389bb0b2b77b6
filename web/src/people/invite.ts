// SPDX-License-Identifier: Apache-2.0

// Inviting somebody: the headteacher's browser makes the link, and the server knows a
// hash of it only.

import { aboutFields, roleChoices } from "../joining/about.ts";
import { rolesInWords } from "../joining/enrolsays.ts";
import { idOf, invitation } from "../founding.ts";
import { type About } from "../joining/about.ts";
import { list, record } from "../bytes.ts";
import { type App } from "../page/app.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { button, buttons, field, form, heading, inset, para, section, small, steps } from "../page/kit.ts";
import { type Open, ownMachine } from "../page/shell.ts";
import { foldAccount } from "../roster.ts";
import { sayTime } from "../tell.ts";
import { peoplePage } from "./people.ts";

// takenBy are the accounts of everybody but one, by their folded names.
export function takenBy(app: App, but = ""): Map<string, string> {
  return new Map(app.desk.manifest.people.filter((p) => p.id !== but).flatMap((p) => p.accounts.map((a): [string, string] => [foldAccount(a), p.name])));
}

export function invitePage(app: App): Open {
  return () => {
    const { head: _head, ...others } = roleChoices;
    const fields = aboutFields({
      whose: "their", needRole: true, rolesLegend: "What are they in the school?", roles: [{ value: "leader", text: "A further leader", hint: "Reads concerns about technicians, with you." }, ...Object.values(others)],
      titleHint: "Such as Deputy safeguarding lead, Year 9 and 10.", taken: () => takenBy(app),
    });
    const f = form({
      fields: fields.elements, send: "Make the invitation", check: () => fields.check(),
      sent: async () => {
        try {
          await app.guard(() => send(app, idFor(app, fields.value().name), fields.value()));
        } catch (e) {
          f.fail(sentence(e));
        }
      },
    });
    return {
      title: "Invite somebody",
      body: [
        heading("Invite somebody"), para("They get a link, make a key of their own, and read six words to you. Only then do you admit them."),
        f.element, buttons(button("Back to People", () => app.shell.goBack(), "secondary")),
      ],
    };
  };
}

// idFor is a name that nobody has, nor had: the records of who left go on to name them.
function idFor(app: App, name: string): string {
  const former = list(app.desk.manifest.document.former).map((f) => String(record(f).id));
  return idOf(name, [...app.desk.manifest.people.map((p) => p.id), ...former]);
}

// send makes an invitation and shows its link.
export async function send(app: App, id: string, a: About): Promise<void> {
  const founding = app.desk.manifest.founding;
  if (!founding) throw new TypeError("a school without a founding record invites nobody");
  const i = invitation(serverAddress(), founding);
  const ends = await app.gate.invite({ id, name: a.name, title: a.title, roles: a.roles, accounts: a.accounts, mail: a.mail, token_hash: i.hash });
  await app.shell.go(() => linkPage(app, a, i.link, ends), "instead");
}

// serverAddress is where people find the school's pages. The sealopen program shows them
// at an address that only this machine knows.
function serverAddress(): string {
  return ownMachine() ? "" : location.origin;
}

function linkPage(app: App, a: About, address: string, ends: Date | null): ReturnType<Awaited<Open>> {
  const place = h("div", { role: "status" });
  const shown = field({ label: "The link", value: address, hint: "Select it all, and copy." });
  shown.element.querySelector("input")!.readOnly = true;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(address);
      replace(place, inset("The link is copied."));
    } catch {
      document.getElementById(shown.focusId)?.focus();
      replace(place, inset("This browser does not let the page copy. Select the link and copy it yourself."));
    }
  };
  return {
    title: "The invitation is made",
    body: [
      heading(`Send this link to ${a.name}`),
      para(`It invites them as ${rolesInWords(a.roles)}. It works once${ends ? `, until ${sayTime(ends, app.gate.now())}` : ""}. It is shown here and never again: if it is lost, make another.`),
      shown.element, buttons(button("Copy the link", copy)), place,
      section("What happens then"),
      steps([
        "Send the link to nobody but them. E-mail will do: a link alone lets nobody in.",
        "They open it on their own device and ring you. Read the six words at the foot of this page to them.",
        "They make a key, and read six other words to you. “Type the words” then stands under “People”.",
      ]),
      ownMachine() ? small("You use the sealopen program, so the link above has no address. Put the school’s Sealwatch address before it.") : null,
      buttons(button("Back to People", () => app.shell.go(peoplePage(app), "instead"), "secondary")),
    ],
  };
}
