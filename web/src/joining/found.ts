// SPDX-License-Identifier: Apache-2.0

// Founding a school: two leaders, two devices, six steps. docs/formats.md, Founding.

import { GateError } from "../gate.ts";
import { type Seat, commitOf, idOf, makeCard } from "../founding.ts";
import { type Key, type Passkey, makeKey } from "../key.ts";
import { type Role, roleNames } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, field, form, heading, inset, lead, para, radios, trouble } from "../page/kit.ts";
import { type Open, type View } from "../page/shell.ts";
import { impossible } from "../reader/signin.ts";
import { screen } from "../tell.ts";
import { passphrase } from "../words.ts";
import { type About, type AboutFields, aboutFields, roleChoices } from "./about.ts";
import { aloud, listen, notTheSame } from "./compare.ts";
import { finishFounding } from "./founded.ts";
import { holdOn, showWords, stepHeading } from "./makekey.ts";
import { type End, Meeting } from "./meeting.ts";
import { mayHavePasskey, offerPasskey } from "./passkey.ts";
import { whereToSignIn } from "./sheet.ts";
import { endPage, stopBetween, until, waiting } from "./waiting.ts";

const step = (n: number): string => `Step ${n} of 6`;

// A Founder is one of the two, from the first page to the last. Everything is in memory:
// a page that is left has not begun.
export interface Founder {
  app: App;
  meeting: Meeting;
  about: About;
  key: Key;
  recipient: string;
  passphrase: string;
  passkey: Passkey | null;
  release: () => void; // ends the warning before the page is left
}

export function foundPage(app: App): Open {
  const token = location.hash.slice(1);
  return async () => {
    const cannot = impossible(globalThis as unknown as Parameters<typeof impossible>[0]);
    if (cannot) return endPage("You cannot do this with this browser here", cannot, "Use a newer Chrome, Edge, Firefox or Safari, at the https address that you were given.");
    if (!/^[A-Za-z0-9_-]{20,100}$/.test(token)) return endPage("This link is not complete", "A part of it is missing. Copy the whole link again, to its last letter, or ask the technician for a new one.");
    const s = await app.gate.school().catch((e: unknown) => sentence(e));
    if (typeof s !== "string" && (s.stage === "founded" || s.stage === "monitoring")) return foundedBefore(s.school.name);
    return {
      title: `${step(1)}: found your school`,
      body: [
        stepHeading(step(1), "Found your school in Sealwatch"), typeof s === "string" ? trouble(s) : null,
        lead("Sealwatch tells the people whom you name if a pupil may be in danger. Nobody else can read it, and IT least of all."),
        para("Two leaders begin it together. It takes about fifteen minutes."),
        bullets([
          "The headteacher and a second leader. Often the second is the safeguarding lead; it can be the chair of governors. Until a governor has joined, a concern about the headteacher goes to the second leader.",
          "Each on their own device, with this page open. Not a device of IT’s, and nobody looking over your shoulder.",
          "In one room, or on the phone with each other. You will read words aloud: e-mail and chat do not do.",
          "Each with a printer, or with pen and paper.",
        ]),
        para("IT has done its part by giving you this link. They do not have to be there, and they should not be."),
        buttons(button("We are both here", () => app.shell.go(seatPage(app, token)))),
      ],
    };
  };
}

function foundedBefore(school: string): View {
  return {
    title: "This school is founded",
    body: [heading("This school is founded already"), para(`${screen(school)} has been founded, so this link is of no use any more. Sign in, or ask the headteacher for an invitation.`),
      para("If you expected to found it just now, ring the other person: somebody else may have."), buttons(button("Sign in", () => location.assign("/")))],
  };
}

function seatPage(app: App, token: string): Open {
  return () => {
    const seat = radios({
      legend: "Which of the two are you?",
      choices: [
        { value: "head", text: "The headteacher", hint: "You approve the policy, and later invite the others." },
        { value: "leader", text: "The second leader", hint: "You confirm that it is the headteacher who does." },
      ],
    });
    const f = form({
      fields: [seat.element], send: "Continue", check: () => [{ field: seat, error: seat.value() ? "" : "Choose which of the two you are" }],
      sent: () => app.shell.go(aboutPage(app, token, seat.value() as Seat)),
    });
    return { title: `${step(2)}: who you are`, body: [stepHeading(step(2), "Who you are"), f.element] };
  };
}

const further: Record<Seat, Role[]> = { head: ["dsl", "case-manager"], leader: ["dsl", "deputy", "case-manager", "chair", "vice-chair"] };

function aboutPage(app: App, token: string, seat: Seat): Open {
  return () => {
    const school = field({ label: "The school’s name", width: 30 });
    const me: AboutFields = aboutFields({
      whose: "my", needRole: false, rolesLegend: `Besides being the ${seat === "head" ? "headteacher" : "second leader"}, are you also one of these?`,
      titleHint: seat === "head" ? "Such as Headteacher." : "Such as Deputy head, safeguarding lead.",
      roles: further[seat].map((r) => roleChoices[r as keyof typeof roleChoices]),
    });
    const f = form({
      fields: [seat === "head" ? school.element : null, me.elements], send: "Continue",
      check: () => [...(seat === "head" ? [{ field: school, error: school.value().trim() === "" ? "Write the school’s name" : school.value().length > 100 ? "Write a shorter name" : "" }] : []), ...me.check()],
      sent: async () => {
        try {
          await begin(app, token, seat, me.value(), school.value().trim().replaceAll(/\s+/g, " "));
        } catch (e) {
          if (e instanceof GateError && e.code === "seat-taken") return app.shell.begin(() => taken(seat));
          if (e instanceof GateError && ["link-ended", "stopped", "founded"].includes(e.code)) return app.shell.begin(() => endPage("This link does not work any more", e.say));
          f.fail(sentence(e));
        }
      },
    });
    return {
      title: `${step(2)}: about you`,
      body: [stepHeading(step(2), seat === "head" ? "About you and the school" : "About you"), para("The other person sees this, and it becomes part of what the headteacher signs."), f.element],
    };
  };
}

function taken(seat: Seat): View {
  return endPage(`Somebody is already the ${roleNames[seat].toLowerCase()} with this link`,
    "If it was you in another window, go back to that one. If you loaded the page again, the key that it held is gone, as it must be: ask the technician for a new link, and both begin again.",
    "If it was neither of you, stop. Tell the other person by voice, and ask the technician for a new link.");
}

// begin makes the key and takes the seat at once: the link holds for minutes only.
async function begin(app: App, token: string, seat: Seat, about: About, school: string): Promise<void> {
  const roles: Role[] = [seat, ...about.roles];
  const { key, recipient } = await makeKey(idOf(about.name));
  const card = makeCard({
    seat, id: key.person, name: about.name, title: about.title, roles, mail: about.mail, recipient, verify: key.signing.verifyKey(),
    ...(seat === "head" ? { school: { id: idOf(school), name: school } } : {}),
  });
  const meeting = new Meeting(app.gate, token, seat, card, commitOf(card), (e) => ended(f, e));
  const f: Founder = { app, meeting, about: { ...about, roles }, key, recipient, passphrase: passphrase(), passkey: null, release: () => undefined };
  await meeting.join();
  f.release = holdOn();
  if (school) app.shell.setFrame({ school });
  await app.shell.begin(showWords(app, {
    step: step(3), done: () => app.shell.begin(comparePage(f)),
    sheet: () => ({
      school: school || (meeting.theirs?.card.school?.name ?? ""), address: whereToSignIn(), id: key.person, name: about.name, passphrase: f.passphrase, words: [], made: new Date(),
    }),
  }));
}

function ended(f: Founder, e: End): void {
  if (e.kind === "elsewhere") return void f.app.shell.begin(finishFounding(f));
  f.release();
  if (e.kind === "alarm") return stopBetween(f.app);
  if (e.kind === "stopped") {
    return f.app.shell.stop("The founding was stopped", para("One of you pressed “Stop”. Nothing was founded, and the keys that you made are worth nothing."),
      para("Talk to the other person, by voice. If you stopped because the words did not agree, tell the chair of governors and not only IT: somebody may stand between you."),
      para("To begin again, ask the technician for a new link. Throw your sheets away; you get new words."));
  }
  void f.app.shell.begin(() => endPage("The founding is over", e.say, "Nothing was founded. Throw your sheets away; with a new link you get new words."));
}

// comparePage waits for the other's card, and then has the words compared.
function comparePage(f: Founder): Open {
  const { app, meeting } = f;
  return () => {
    const place = h("div");
    const who = meeting.other === "head" ? "the headteacher" : "the second leader";
    let drawn = "";
    const draw = (): void => {
      const now = meeting.theirs ? "compare" : meeting.joined ? "joined" : "alone";
      if (now === drawn) return;
      drawn = now;
      if (!meeting.theirs) {
        return replace(place, waiting(meeting, now === "alone"
          ? `Waiting for ${who}. They open the same link on their own device, and fill in who they are.`
          : `${who === "the headteacher" ? "The headteacher" : "The second leader"} is there. Your devices are exchanging keys.`));
      }
      const c = meeting.theirs.card;
      if (c.id === f.key.person) return sameName(f);
      if (meeting.other === "head" && c.school) app.shell.setFrame({ school: c.school.name });
      replace(place,
        inset(h("strong", {}, c.name), `, ${c.title}. `, c.school ? `For ${c.school.name}. ` : "", "Is this the person you are with?"),
        para("Now compare words by voice. They agree only if your two devices speak to each other, with nobody between."),
        aloud(c.name, meeting.words(meeting.seat)),
        heading2("Then type theirs"),
        listen({ want: () => meeting.words(meeting.other), who: c.name, send: "Compare", right: () => next(f), wrong: () => between(f) }),
        notTheSame(() => void app.shell.go(surePage(f))), until(meeting));
      app.shell.say(`${c.name} is there.`);
    };
    const stop = meeting.watch(draw);
    return { title: `${step(4)}: compare six words`, body: [stepHeading(step(4), "Compare six words"), place], leave: () => void stop() };
  };
}

function heading2(text: string): HTMLElement {
  return h("h2", { class: "govuk-heading-m" }, text);
}

function surePage(f: Founder): Open {
  return () => ({
    title: "Stop?",
    body: [
      heading("Stop the founding?"), para("It ends for both of you, and the link is worth nothing any more. You can begin again with a new one."),
      buttons(button("Stop now", () => between(f), "warning"), button("Go back", () => f.app.shell.begin(comparePage(f)), "secondary")),
    ],
  });
}

// between is a full stop: the words did not agree.
function between(f: Founder): void {
  f.meeting.stop();
  f.release();
  stopBetween(f.app);
}

function sameName(f: Founder): void {
  f.meeting.stop();
  f.release();
  void f.app.shell.begin(() => endPage("You both have the same name", "Sealwatch could not tell you apart. Begin again with a new link, and one of you writes a middle name or initial too."));
}

async function next(f: Founder): Promise<void> {
  const { key, meeting, app } = f;
  const head = meeting.seat === "head" ? { verify: key.signing.verifyKey(), school: schoolOf(f) } : { verify: meeting.theirs!.card.verify, school: meeting.theirs!.card.school! };
  key.root = head.verify;
  key.school = head.school.id;
  key.founding = meeting.founding.hex;
  const done = (p: Passkey | null): Promise<void> => {
    f.passkey = p;
    return app.shell.begin(finishFounding(f));
  };
  if (!mayHavePasskey()) return done(null);
  await app.shell.begin(offerPasskey(app, { step: step(5), key: () => key, school: head.school.name, name: f.about.name, done }));
}

export function schoolOf(f: Founder): { id: string; name: string } {
  const c = f.meeting.seat === "head" ? f.meeting.myCard : f.meeting.theirs!.card;
  return c.school!;
}
