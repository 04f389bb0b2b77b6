// SPDX-License-Identifier: Apache-2.0

// The headteacher's part of a founding: two keys on paper, the policy, the signature.

import { type Bytes, toBase64, toHex, toText } from "../bytes.ts";
import { type Card } from "../founding.ts";
import { type FoundState } from "../gate.ts";
import { type Key } from "../key.ts";
import { signManifest } from "../manifest.ts";
import { h } from "../page/dom.ts";
import { bullets, button, buttons, checkboxes, details, field, form, para, section, small } from "../page/kit.ts";
import { makeIdentity, sha256 } from "../seal/sign.ts";
import { screen } from "../tell.ts";
import { type Place } from "./found.ts";
import { lines } from "./says.ts";
import { paperKey, print } from "./sheet.ts";
import { type Walk } from "./walk.ts";

interface Founders {
  head: Bytes;
  leader: Bytes;
  hash: Bytes;
}

type Named = Pick<Card, "id" | "name" | "title" | "roles" | "mail" | "school">;

export async function makeSchool(w: Walk, place: Place, key: Key, record: Founders, me: Named, other: Card): Promise<void> {
  const { gate } = w.app;
  const recovery = await makeIdentity();
  const handover = await makeIdentity();
  await envelopes(w, me.school!.name, recovery.identity, handover.identity);
  recovery.identity = handover.identity = "";
  const accounts = await policyStep(w, await gate.foundState(place.token, place.seatKey), me, other);
  await w.wait("One moment", (state) => {
    state(`${screen(other.name)} has to finish first: their words, and their passkey if they want one.`);
    return null;
  }, async () => (await gate.foundState(place.token, place.seatKey)).leader.confirmed || undefined);
  const s = await gate.foundState(place.token, place.seatKey);
  const person = (c: Named, recipient: string, verify: string, own: string[]): Record<string, unknown> => ({
    id: c.id, name: c.name, title: c.title, roles: c.roles, recipient, verify, ...(own.length > 0 ? { accounts: own } : {}), ...(c.mail ? { mail: c.mail } : {}),
  });
  const manifest = signManifest({
    v: 1, serial: 1, school: me.school, people: [
      person(me, (JSON.parse(toText(record.head)) as Card).recipient, key.signing.verifyKey(), accounts.mine),
      person(other, other.recipient, other.verify, accounts.theirs),
    ],
    patterns: { pupil: [], staff: [] }, recovery: recovery.recipient, handover: handover.recipient,
    keeper: s.service.keeper, vault: s.service.vault, sealers: s.service.sealers, ledger: s.service.ledger, policy: toHex(sha256(s.policy)),
    founding: { head: toBase64(record.head), leader: toBase64(record.leader) },
  }, key.signing);
  await gate.foundFinish(place.token, place.seatKey, manifest);
}

// envelopes has the school's two paper keys printed. This page is the only place in which
// they ever are together with anything else; they are gone from it with the next page.
async function envelopes(w: Walk, school: string, recovery: string, handover: string): Promise<void> {
  const sheets = [
    { name: "recovery", title: "Recovery key", secret: recovery, use: ["Opens what is sealed, if everybody’s keys are lost. It does so only together with the server.", "Two people take it out of the safe together, and write down why."] },
    { name: "hand-over", title: "Hand-over key", secret: handover, use: ["Opens the addresses that stand on a list of illegal material, for the police. Nobody in the school ever uses it.", "It goes to the police in its envelope, together with what they ask for."] },
  ];
  await w.step<void>("Two keys for the safe", (done) => {
    const sure = checkboxes({ legend: "Before you go on", choices: sheets.map((s) => ({ value: s.name, text: `The ${s.name} key is on paper, in its own sealed envelope` })) });
    return [
      para("The school has two keys of its own. They are never in a computer: print each one, put it into an envelope of its own, and seal it."),
      sheets.map((s) => [section(s.title), bullets(s.use), buttons(button(`Print the ${s.name} key`, () => print(w.app, paperKey({ school, ...s })), "secondary")),
        details(`I cannot print the ${s.name} key here`, para("Write it by hand, all 77 characters. Read it twice:"), h("p", { class: "govuk-body sw-content", translate: "no" }, h("strong", {}, s.secret.replaceAll(/(.{4})(?=.)/g, "$1 "))))]),
      form({
        fields: [sure.element], send: "Go on", check: () => [{ field: sure, error: sure.value().length < sheets.length ? "Put both keys on paper first. They cannot be shown again" : "" }],
        sent: () => done(),
      }).element,
    ];
  });
}

// policyStep shows what is approved with the signature.
function policyStep(w: Walk, s: FoundState, me: Named, other: Card): Promise<{ mine: string[]; theirs: string[] }> {
  return w.step("Approve the policy, and sign", (done: (v: { mine: string[]; theirs: string[] }) => void) => {
    const mine = field({ label: "Your own sign-in names at school (you may leave it out)", rows: 2, hint: "One a line. With them, nothing that is about you ever comes to you." });
    const theirs = field({ label: `The sign-in names of ${screen(other.name)} (you may leave it out)`, rows: 2, hint: "One a line." });
    return [
      para("What counts as a concern, and who must look how soon, is set by the school’s leaders and by nobody else. This is what you approve:"),
      bullets([
        "Words and sites about suicide, self-harm, exploitation, violence, extremism and drugs are looked at; what somebody writes about themselves counts most.",
        "Health, faith, identity and visits to helplines never count against anybody.",
        "Something critical that nobody opened for 30 minutes goes on to the headteacher, and after two hours to the chair of governors. Lower levels wait longer.",
        "An item is erased after twelve months, unless somebody decides otherwise.",
        "An address on a list of illegal material is locked for the police. Nobody in the school sees it.",
      ]),
      details("The whole policy, as the service runs it", h("pre", { class: "sw-policy", tabindex: 0 }, screenLines(toText(s.policy)))),
      section("Who may read, from now on"),
      bullets([`${screen(me.name)}, ${screen(me.title)}`, `${screen(other.name)}, ${screen(other.title)}`]),
      small("You add everybody else on the page “People”, and sign each time. The chair of governors and somebody outside the school should join within ten school days."),
      form({ fields: [mine.element, theirs.element], send: "I approve and sign", check: () => [], sent: () => done({ mine: lines(mine.value()), theirs: lines(theirs.value()) }) }).element,
    ];
  });
}

function screenLines(s: string): string {
  return s.split("\n").map(screen).join("\n");
}
