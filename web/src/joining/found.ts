// SPDX-License-Identifier: Apache-2.0

// Founding a school: two leaders, each at their own browser, who read six words to each
// other. Each browser commits to its card before it sees the other's, so nobody who
// stands between can choose keys until the words fit.

import { type Bytes, toHex } from "../bytes.ts";
import { type Card, type Seat, commitOf, foundingWords, idOf, makeCard, openCard } from "../founding.ts";
import { type FoundState } from "../gate.ts";
import { type Key, makeKey } from "../key.ts";
import { type Role, foundingHash, personOf, verifyManifest } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { h } from "../page/dom.ts";
import { bullets, button, buttons, checkboxes, field, form, heading, para, radios, section, small, words } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { notStarted } from "../reader/school.ts";
import { screen } from "../tell.ts";
import { sameWords, wordsOf } from "../words.ts";
import { passphraseStep, wrapStep } from "./keysteps.ts";
import { makeSchool } from "./foundhead.ts";
import { goodMail, roleChoices } from "./says.ts";
import { Walk } from "./walk.ts";

export interface Place {
  token: string;
  seatKey: string;
  seat: Seat;
}

const stepsOf = { head: 6, leader: 5 };

export function foundPage(app: App): Open {
  return async () => {
    const token = location.hash.slice(1);
    const school = await app.gate.school();
    if (school.stage === "founded" || school.stage === "monitoring") {
      return { title: "Found your school", body: [heading("This school is founded"), para("A founding link is of no use any more."), button("Sign in", () => location.assign("/"))] };
    }
    if (!/^[A-Za-z0-9_-]{20,100}$/.test(token)) {
      return { title: "Found your school", body: [heading("This link is not whole"), para("A founding link ends in many letters and digits. Open it as it was given to you, or ask the technician for a new one.")] };
    }
    return {
      title: "Found your school",
      body: [
        heading("Found your school", "xl"),
        para("Sealwatch watches for what may mean that a child is at risk, and shows it to the people whom the school’s leaders name. You are about to name them. It takes about fifteen minutes."),
        section("Before you begin"),
        bullets([
          "Two people are needed: the headteacher and a second leader. Often that is the safeguarding lead.",
          "Each of you has your own device, and opens this link there.",
          "You are in one room, or on the phone with somebody whose voice you know.",
          "Nobody who looks after the computers sits at either device.",
          "You have a printer, or paper and a pen.",
        ]),
        small("Whoever holds this link in these minutes could pose as one of you. That is why you will read six words to each other, by voice."),
        button("Begin", () => new Walk(app, "Found your school", 6).run(() => walk(app, token))),
      ],
    };
  };
}

async function walk(app: App, token: string): Promise<void> {
  const seat = await askSeat(app);
  const w = new Walk(app, "Found your school", stepsOf[seat]);
  await w.run(async () => {
    const me = await askMe(w, seat);
    const { key, recipient } = await makeKey(me.id);
    w.holds();
    const phrase = await passphraseStep(w, { school: me.school?.name ?? "", name: me.name, id: me.id, address: location.origin });
    const card = makeCard({ ...me, recipient, verify: key.signing.verifyKey() });
    const { seatKey } = await app.gate.foundJoin(token, seat, commitOf(card));
    const place = { token, seatKey, seat };
    const other = await exchange(w, place, card);
    const [head, leader] = seat === "head" ? [card, other.bytes] : [other.bytes, card];
    const hash = foundingHash(head, leader);
    if (other.card.id === me.id) {
      await app.gate.foundStop(token, seatKey);
      return w.stop("You both have the same short name", para(`Both of you would be “${me.id}” in Sealwatch. Begin again with a new link, and one of you writes a middle name too.`));
    }
    await compare(w, place, other.card, foundingWords(head, leader, seat), foundingWords(head, leader, seat === "head" ? "leader" : "head"));
    const mine: Key = {
      ...key, school: (seat === "head" ? me.school : other.card.school)!.id, founding: toHex(hash),
      root: seat === "head" ? key.signing.verifyKey() : other.card.verify,
    };
    const bundle = await wrapStep(w, mine, phrase, `Sealwatch: ${me.id}`);
    await app.gate.foundConfirm(token, seatKey, bundle);
    if (seat === "head") await makeSchool(w, place, mine, { head, leader, hash }, me, other.card);
    else await checkSchool(w, place, mine, me);
    w.done();
    await founded(w, hash);
  });
}

async function askSeat(app: App): Promise<Seat> {
  const w = new Walk(app, "Found your school", 6);
  return w.step<Seat>("Which of the two are you?", (done) => {
    const seat = radios({
      legend: "I am", choices: [
        { value: "head", text: "The headteacher", hint: "Signs who may read what, from now on." },
        { value: "leader", text: "The second leader", hint: "For example the safeguarding lead, a deputy head or the chair of governors." },
      ],
    });
    return form({
      fields: [seat.element], send: "Go on", check: () => [{ field: seat, error: seat.value() === "" ? "Choose which of the two you are" : "" }],
      sent: () => done(seat.value() as Seat),
    }).element;
  });
}

type Me = Pick<Card, "seat" | "id" | "name" | "title" | "roles" | "mail" | "school">;

function askMe(w: Walk, seat: Seat): Promise<Me> {
  return w.step<Me>("Who are you?", (done) => {
    const name = field({ label: "Your name", hint: "As people say it, for example Mrs Ama Okafor.", width: 30 });
    const title = field({ label: "What you are called at school", width: 30, value: seat === "head" ? "Headteacher" : "" });
    const mail = field({ label: "Your e-mail address, for notices (you may leave it out)", type: "email", width: 30, hint: "A notice only says that something awaits you. It never says what." });
    const school = field({ label: "The name of your school", width: 30 });
    const also = checkboxes({
      legend: seat === "head" ? "Are you the safeguarding lead, too?" : "What else are you?", hint: seat === "head" ? "In a small school the headteacher often is." : "Choose all that are true. You may choose none.",
      choices: roleChoices.filter((r) => seat === "head" ? r.value === "dsl" : !["leader", "technician"].includes(r.value)),
    });
    return form({
      fields: [seat === "head" ? school.element : null, name.element, title.element, mail.element, also.element], send: "Make my key",
      check: () => [
        ...(seat === "head" ? [{ field: school, error: school.value().trim() === "" ? "Write the name of your school" : "" }] : []),
        { field: name, error: name.value().trim() === "" ? "Write your name" : "" },
        { field: title, error: title.value().trim() === "" ? "Write what you are called at school" : "" },
        { field: mail, error: goodMail(mail.value().trim()) ? "" : "Write a whole address, such as name@school.example, or leave it out" },
      ],
      sent: () => done({
        seat, id: idOf(name.value()), name: name.value().trim(), title: title.value().trim(), mail: mail.value().trim(),
        roles: [seat === "head" ? "head" : "leader", ...(also.value() as Role[])],
        ...(seat === "head" ? { school: { id: idOf(school.value()), name: school.value().trim() } } : {}),
      }),
    }).element;
  });
}

// exchange waits for the other's commitment, shows our card, and takes theirs.
async function exchange(w: Walk, place: Place, card: Bytes): Promise<{ card: Card; bytes: Bytes }> {
  const { gate } = w.app;
  const theirs: Seat = place.seat === "head" ? "leader" : "head";
  const who = theirs === "head" ? "the headteacher" : "the second leader";
  let commit: Bytes | null = null;
  return w.wait(`Waiting for ${who}`, (state) => {
    state(`Nobody has sat down in the other place yet.`);
    return [para(`They open the same link on their own device and choose “${theirs === "head" ? "The headteacher" : "The second leader"}”. Leave this page open.`),
      buttons(button("Stop the founding", () => halt(w, place), "secondary"))];
  }, async (state) => {
    const s = await gate.foundState(place.token, place.seatKey);
    stopped(w, s);
    const t = s[theirs];
    if (t.commit.length === 0) return undefined;
    if (!commit) {
      commit = t.commit; // the one that counts: what it is of is checked below
      state(`${who.charAt(0).toUpperCase() + who.slice(1)} is there. The two browsers show each other who you are…`);
      await gate.foundReveal(place.token, place.seatKey, card);
    }
    if (t.card.length === 0) return undefined;
    return { card: openCard(t.card, commit, theirs), bytes: t.card };
  });
}

function stopped(w: Walk, s: FoundState): void {
  if (!s.stopped) return;
  w.stop("The founding was stopped", para("The other person’s page stopped it, and nothing was founded."),
    para("Talk to each other now, by voice. If the words did not agree, somebody may stand between you: tell whoever leads the school with you before you begin again with a new link."));
}

async function halt(w: Walk, place: Place): Promise<void> {
  await w.app.gate.foundStop(place.token, place.seatKey).catch(() => undefined);
  w.done();
  w.app.shell.stop("The founding was stopped", para("You stopped it. Nothing was founded, and the link is used up. Ask the technician for a new one when you both are ready."));
}

const tries = 3;

// compare is where a stranger in the other seat is found out: only voices can tell.
async function compare(w: Walk, place: Place, other: Card, mine: string[], theirs: string[]): Promise<void> {
  const whose = `${screen(other.name)}, ${screen(other.title)}`;
  let left = tries;
  await w.step<void>("Read six words to each other", (done) => {
    const typed = field({ label: `The six words that ${screen(other.name)} reads to you`, hint: "You hear them from a voice that you know. Write them with spaces between." });
    const f = form({
      fields: [typed.element], send: "These are the words I heard",
      check: () => [{ field: typed, error: typed.value().trim() === "" ? "Write the six words that you heard" : "" }],
      sent: async () => {
        if (sameWords(typed.value(), theirs)) return done();
        left--;
        if (left > 0) {
          f.fail(`These are not the words that the other page should show. Ask to hear them again, slowly. You can try ${left === 1 ? "once" : "twice"} more.`);
          return;
        }
        await w.app.gate.foundStop(place.token, place.seatKey).catch(() => undefined);
        w.done();
        w.app.shell.stop("Stop: somebody may stand between you",
          para("The words do not agree. Somebody else may sit in the other place, or the server may have shown each of you something else. Nothing was founded."),
          para("Tell each other now, by voice. Do not use this link again. Do not let anybody talk you into going on: speak to the chair of governors first."));
      },
      also: [button("Stop the founding", () => halt(w, place), "secondary")],
    });
    return [
      para("In the other place sits, as it says of itself: ", h("strong", {}, whose), "."),
      para("Read these six words aloud, in the room or on the phone:"), words(mine),
      para("Not in a message, not by e-mail: somebody who stands between you could change those. A voice that you know cannot be changed so."), f.element,
    ];
  });
}

// checkSchool waits at the second leader's page until the headteacher has signed, and
// looks whether what was signed is what both have seen.
async function checkSchool(w: Walk, place: Place, key: Key, me: Me): Promise<void> {
  const signed = await w.wait("Waiting for the headteacher to sign", (state) => {
    state("The headteacher reads the policy, and puts two keys on paper.");
    return para("You have done your part. Leave this page open: it looks at what is signed. You may go over and help with the two envelopes: both of you sign across the flap.");
  }, async (state) => {
    const s = await w.app.gate.foundState(place.token, place.seatKey);
    stopped(w, s);
    if (!s.head.confirmed) state("The headteacher is still comparing the words.");
    return s.manifest.length > 0 ? s.manifest : undefined;
  });
  const m = verifyManifest(signed, key.root, key.founding);
  const mine = personOf(m, me.id);
  if (!mine || mine.verify !== key.signing.verifyKey() || m.people.length !== 2) {
    w.stop("Stop: what was signed is not what you agreed", para("The signed list does not have you in it with your key, or it has somebody else in it. Tell the headteacher now, by voice."));
  }
}

// founded is the end of the walk, for both.
async function founded(w: Walk, hash: Bytes): Promise<void> {
  const state = await w.app.gate.school().catch(() => null);
  await w.app.shell.begin(() => ({
    title: "Founded",
    body: [
      heading("Your school is founded", "xl"),
      para("These are the school’s six words. They stand at the foot of every page of everybody in the school, and they never change. Write them on your sheet."),
      words(wordsOf("school", hash)),
      para("If a page ever shows other words, stop, and ring each other."),
      state ? notStarted(state) : null,
      buttons(button("Sign in", () => location.assign("/"))),
    ],
  }));
}
