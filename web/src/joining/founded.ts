// SPDX-License-Identifier: Apache-2.0

// The last step of a founding, for both: the other's confirmation, the signature, and the
// proof that what was signed is what the two agreed.

import { type Bytes, SealError, equal, fromHex, list } from "../bytes.ts";
import { type Card } from "../founding.ts";
import { GateError } from "../gate.ts";
import { wrapAway } from "../desk.ts";
import { type Manifest, personOf, verifyManifest } from "../manifest.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, details, inset, panel, para, progress, section, trouble, words } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { notStarted } from "../reader/school.ts";
import { foldAccount } from "../roster.ts";
import { sha256 } from "../seal/sign.ts";
import { accountFault, splitAccounts } from "./about.ts";
import { approvePage, firstManifest, makePaperKey, paperPage, policyPart } from "./approve.ts";
import { type Founder } from "./found.ts";
import { stepHeading } from "./makekey.ts";
import { type PaperKey } from "./sheet.ts";
import { waiting } from "./waiting.ts";

const last = "Step 6 of 6";

// finishFounding leaves the wrapped key with the server, waits until the other has
// compared too, and then goes each one's own way.
export function finishFounding(f: Founder): Open {
  let confirmed = false;
  const { app, meeting } = f;
  const other = (): string => meeting.theirs?.card.name ?? "The other";
  return () => {
    const place = h("div");
    const confirm = async (): Promise<void> => {
      const p = progress("Sealing your key with your six words. This takes a few seconds.");
      replace(place, p.element);
      try {
        const bundle = await wrapAway(f.key, f.passphrase);
        await meeting.confirm(bundle, f.passkey ? [f.passkey] : []);
        confirmed = true;
        go();
      } catch (e) {
        if (e instanceof GateError && e.code === "founded") return void proved(f);
        replace(place, trouble(sentence(e)), buttons(button("Try again", confirm)));
      }
    };
    let stop: () => unknown = () => undefined;
    let asked = false;
    const go = (): void => {
      replace(place, waiting(meeting, `The words agree on your side. Waiting for ${other()}, who types yours.`));
      stop = meeting.watch(() => {
        if (!confirmed || !meeting.theyConfirmed || asked) return;
        asked = true;
        if (meeting.seat === "head") void headsPart(f);
        else void app.shell.begin(leaderWaits(f));
      });
    };
    if (confirmed) go();
    else void confirm();
    return { title: "The words agree", body: [stepHeading("", "The words agree"), place], leave: () => void stop() };
  };
}

async function headsPart(f: Founder): Promise<void> {
  const { app, meeting } = f;
  const [recovery, handover] = await Promise.all([makePaperKey("recovery"), makePaperKey("handover")]);
  const leader = meeting.theirs!.card;
  const school = meeting.myCard.school!.name;
  const founders = [f.about.name, leader.name];
  const paper = (key: PaperKey, n: string, done: () => Promise<void>): Promise<void> =>
    app.shell.begin(paperPage(app, { step: `${last}, part ${n} of three`, key, school, founders, done }));
  const mine = new Map(f.about.accounts.map((a) => [foldAccount(a), f.about.name]));
  await paper(recovery, "one", () => paper(handover, "two", () => app.shell.begin(approvePage({
    step: `${last}, part three of three`, leader, policy: meeting.state!.policy,
    fault: (typed) => accountFault(splitAccounts(typed), mine),
    done: async (typed) => {
      try {
        await meeting.finish(firstManifest({
          head: meeting.myCard, leader, headAccounts: f.about.accounts, leaderAccounts: splitAccounts(typed),
          recovery: recovery.recipient, handover: handover.recipient, state: meeting.state!, cards: meeting.founding,
        }, f.key));
      } catch (e) {
        // The answer may have been lost where the signature was not.
        if (!(e instanceof GateError) || e.code !== "founded") return sentence(e);
      }
      await proved(f);
      return "";
    },
  }))));
}

function leaderWaits(f: Founder): Open {
  const { meeting } = f;
  return () => {
    const head = meeting.theirs!.card;
    const stop = meeting.watch(() => {
      if (meeting.state && meeting.state.manifest.length > 0) void proved(f);
    });
    return {
      title: `${last}: the headteacher approves`,
      body: [
        stepHeading(last, "The headteacher approves"),
        waiting(meeting, `The words agree on both sides. ${head.name} puts two keys on paper, approves the policy, and signs.`),
        f.about.accounts.length > 0 ? inset(para(`${head.name} asks for your account names. Read them out:`), h("p", { class: "govuk-body-l", translate: "no" }, h("strong", {}, f.about.accounts.join(", ")))) : null,
        para("When two envelopes come to be signed, sign both: one holds the recovery key, one the hand-over key."),
        details("Read the policy that is about to be approved", policyPart(meeting.state!.policy)),
      ],
      leave: () => void stop(),
    };
  };
}

// agreed reports whether a manifest says what this person has seen and compared. The
// service checks the same; this does not rely on it.
export function agreed(m: Manifest, a: { head: Card; leader: Card; service: { keeper: string; vault: string; sealers: string[]; ledger: string }; policy: Bytes }): boolean {
  const d = m.document;
  if (m.serial !== 1 || m.people.length !== 2 || m.school.id !== a.head.school!.id || m.school.name !== a.head.school!.name || m.school.demo || d.former !== undefined) return false;
  for (const c of [a.head, a.leader]) {
    const p = personOf(m, c.id);
    if (!p || p.name !== c.name || p.title !== c.title || p.mail !== c.mail || p.recipient !== c.recipient || p.verify !== c.verify || p.roles.join() !== c.roles.join()) return false;
  }
  const s = a.service;
  return d.keeper === s.keeper && m.vault === s.vault && d.ledger === s.ledger && list(d.sealers).join() === s.sealers.join() && equal(fromHex(d.policy, 32), sha256(a.policy));
}

// signed is the manifest that the server shows; where the founding is no more, as whoever
// signs in sees it.
async function signed(f: Founder): Promise<Bytes> {
  const seen = f.meeting.state?.manifest;
  if (seen && seen.length > 0) return seen;
  for (let tries = 0; ; tries++) {
    try {
      const now = await f.meeting.signed().catch(() => null);
      if (now && now.length > 0) return now;
      if (tries === 0) throw new GateError("offline", "");
      await f.app.gate.signIn(f.key.school, f.key.person, f.key.signing);
      const m = await f.app.gate.manifest();
      await f.app.gate.signOut();
      return m;
    } catch (e) {
      if (tries >= 5 || !(e instanceof GateError) || e.code === "refused") throw e;
      await new Promise((r) => setTimeout(r, 1000)); // the service opens itself anew
    }
  }
}

// proved verifies the finished manifest before anything is said to be founded.
async function proved(f: Founder): Promise<void> {
  const { app, meeting } = f;
  meeting.leave();
  try {
    const m = verifyManifest(await signed(f), f.key.root, f.key.founding);
    const both = meeting.seat === "head" ? { head: meeting.myCard, leader: meeting.theirs!.card } : { head: meeting.theirs!.card, leader: meeting.myCard };
    if (!agreed(m, { ...both, service: meeting.state!.service, policy: meeting.state!.policy })) throw new SealError("foreign");
    f.release();
    f.key.signing.wipe();
    f.key.identity = "";
    app.shell.setFrame({ school: m.school.name, words: m.words });
    await app.shell.begin(foundedPage(f, m));
  } catch (e) {
    if (e instanceof SealError || (e instanceof GateError && e.code === "refused")) {
      f.release();
      return app.shell.stop("Stop: what was signed is not what you agreed",
        para("The school that the server shows is not the one that the two of you compared words for. Do not sign in to it."),
        para("Tell the other person by voice, then the chair of governors. Keep your sheet until it is clear what happened."));
    }
    await app.shell.begin(() => ({
      title: "Nearly done",
      body: [stepHeading("", "Nearly done"), trouble(sentence(e)), para("The headteacher has signed. This page has not yet seen proof of it."), buttons(button("Try again", () => proved(f)))],
    }));
  }
}

function foundedPage(f: Founder, m: Manifest): Open {
  return () => {
    const missing = h("div");
    void f.app.gate.school().then((s) => replace(missing, notStarted(s))).catch((e) => replace(missing, trouble(sentence(e))));
    const mine = personOf(m, f.key.person);
    return {
      title: "Your school is founded",
      body: [
        panel("Your school is founded", m.school.name),
        para("What was signed is what the two of you agreed. This page has checked it."),
        section("The school’s six words"),
        para("Write them on your sheet. They stand at the foot of every page from now on, and they are the same for everybody in the school. If they are ever others, somebody has put another school in its place."),
        words(m.words),
        mine && mine.accounts.length > 0 ? para("Your account names, as they were signed: ", h("strong", { translate: "no" }, mine.accounts.join(", ")), ".") : null,
        section("What happens now"), missing,
        f.meeting.seat === "head" ? bullets(["Sign in, and invite the safeguarding lead, a deputy and the chair of governors under “People”.", "Put the two envelopes into the safe, in two places."])
          : bullets(["The headteacher invites the others.", "Sign in once today, so that you know that your sheet works."]),
        buttons(button("Sign in", () => location.assign("/"))),
      ],
    };
  };
}
