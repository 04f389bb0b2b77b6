// SPDX-License-Identifier: Apache-2.0

// The headteacher's last step of a founding: the two keys on paper, the policy, and the
// signature that makes the school.

import { type Bytes, toBase64, toHex, toText } from "../bytes.ts";
import { type Card } from "../founding.ts";
import { type FoundState } from "../gate.ts";
import { type Key } from "../key.ts";
import { signManifest } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { bullets, button, buttons, details, field, form, para, section, summary, warning } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { makeIdentity, sha256 } from "../seal/sign.ts";
import { stepHeading } from "./makekey.ts";
import { policyWords } from "./policywords.ts";
import { type PaperKey, type PaperKind, ending, paperFor, paperNames, paperSheet } from "./sheet.ts";

export interface Approval {
  head: Card;
  leader: Card;
  headAccounts: string[];
  leaderAccounts: string[];
  recovery: string;
  handover: string;
  state: Pick<FoundState, "service" | "policy">;
  cards: { head: Bytes; leader: Bytes };
}

// firstManifest is what makes the school: the two people, the cards that they compared,
// the service's keys, the policy.
export function firstManifest(a: Approval, key: Key): Bytes {
  const person = (c: Card, accounts: string[]): Record<string, unknown> => ({
    id: c.id, name: c.name, title: c.title, roles: c.roles, recipient: c.recipient, verify: c.verify,
    accounts: accounts.length > 0 ? accounts : undefined, mail: c.mail || undefined,
  });
  const { keeper, vault, sealers, ledger } = a.state.service;
  return signManifest({
    v: 1, serial: 1, school: { id: a.head.school!.id, name: a.head.school!.name },
    people: [person(a.head, a.headAccounts), person(a.leader, a.leaderAccounts)],
    patterns: { pupil: [], staff: [] }, recovery: a.recovery, handover: a.handover, keeper, vault, sealers, ledger,
    policy: toHex(sha256(a.state.policy)), founding: { head: toBase64(a.cards.head), leader: toBase64(a.cards.leader) },
  }, key.signing);
}

export async function makePaperKey(kind: PaperKind): Promise<PaperKey> {
  return { kind, ...(await makeIdentity()) };
}

const why: Record<PaperKind, string> = {
  recovery: "If every reader lost their key, nothing could be opened any more. One key on paper, in the school’s safe, prevents that.",
  handover: "If somebody reaches an address on a list of illegal material, that address is sealed to this key alone, and to nobody in the school. Only the police or the Internet Watch Foundation should ever see it.",
};

// paperPage prints one key of the school and lets nobody go on who has not got it on paper.
export function paperPage(app: App, o: { step: string; key: PaperKey; school: string; founders: string[]; done: () => void | Promise<void> }): Open {
  return () => {
    const name = paperNames[o.key.kind].toLowerCase();
    const last = field({ label: "The last six letters or digits of the key on the paper", hint: "They stand in the last two groups.", width: 10 });
    const f = form({
      fields: [last.element], send: "It is on paper",
      check: () => [{ field: last, error: last.value().replaceAll(/\s/g, "").toUpperCase() === ending(o.key.identity) ? "" : "Read the last six letters or digits from the paper, without the spaces" }],
      sent: () => o.done(),
    });
    return {
      title: `${o.step}: the ${name}`,
      body: [
        stepHeading(o.step, `Put the ${name} on paper`), para(why[o.key.kind]), bullets(paperFor[o.key.kind]),
        para("Use a printer that you stand beside, and take the paper at once."), buttons(button(`Print the ${name}`, () => app.shell.print(paperSheet(o.key, o.school, o.founders, new Date())))),
        details("I have no printer here", para("Copy it by hand, letter by letter. It is long, so that nobody can guess it. These are its groups; write them without gaps or keep the gaps, both work."),
          h("p", { class: "sw-paperkey", translate: "no" }, (o.key.identity.match(/.{1,6}/g) ?? []).map((b) => h("span", {}, b)))),
        warning("It exists on this page and on the paper. When this page is gone, only the paper is left."),
        f.element,
      ],
    };
  };
}

// policyPart is the policy, in words where it can be told, and always in full.
export function policyPart(policy: Bytes): Child {
  const text = toText(policy);
  const w = policyWords(text);
  const full = h("pre", { class: "sw-copy", tabindex: 0, role: "region", "aria-label": "The policy in full", translate: "no" }, text);
  if (!w) return [para("This policy is not the one that Sealwatch comes with, so it is shown as it is. Read it, and ask whoever wrote it what you do not understand."), full];
  return [
    summary([
      ["Looks for", `Signs of ${w.watched}.`], ["Does not look for", w.off ? `${w.off[0]!.toUpperCase()}${w.off.slice(1)}.` : "Nothing is left out."],
      ...w.ladder.map(([level, sentence]): [string, Child] => [level, sentence]),
      ["Kept for", `${w.kept}, unless somebody decides otherwise.`],
    ]),
    details("The policy in full, as you approve it", full),
  ];
}

export function approvePage(o: { step: string; leader: Card; policy: Bytes; fault: (accounts: string) => string; done: (accounts: string) => Promise<string> }): Open {
  return () => {
    const accounts = field({
      label: `${o.leader.name}’s own account names`, width: 30,
      hint: "Ask now: they see them on their page. With commas between. They keep people from reading about themselves. Leave empty if there are none.",
    });
    const f = form({
      fields: [accounts.element], send: "Approve, and found the school",
      check: () => [{ field: accounts, error: o.fault(accounts.value()) }],
      sent: async () => {
        const wrong = await o.done(accounts.value());
        if (wrong) f.fail(wrong);
      },
    });
    return {
      title: `${o.step}: approve the policy`,
      body: [
        stepHeading(o.step, "Approve what Sealwatch does here"),
        para("This is the school’s policy. It is yours to decide, not the technician’s: an altered one does not run without your signature."),
        policyPart(o.policy),
        section("What your signature says"),
        bullets([
          `You lead this school together with ${o.leader.name}, and you compared the words by voice.`, "You approve this policy.",
          "Nobody reads anything whom you have not admitted by name. You invite the others afterwards.",
        ]),
        f.element,
      ],
    };
  };
}
