// SPDX-License-Identifier: Apache-2.0

// Joining a school by the headteacher's invitation. The link names the founding, so that
// whatever the server shows is held against it before a key is made.

import { type Bytes, SealError, fromBase64url, toHex } from "../bytes.ts";
import { wrapAway } from "../desk.ts";
import { personWords, rootOf } from "../founding.ts";
import { GateError, type Invite } from "../gate.ts";
import { type Key, type Passkey, makeKey } from "../key.ts";
import { type Manifest, type Role, personOf, roleNames, verifyManifest } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { button, buttons, heading, inset, lead, panel, para, progress, section, summary, trouble, words } from "../page/kit.ts";
import { type Open, type View, ownMachine } from "../page/shell.ts";
import { impossible } from "../reader/signin.ts";
import { screen, sayTime } from "../tell.ts";
import { passphrase } from "../words.ts";
import { holdOn, showWords, stepHeading } from "./makekey.ts";
import { mayHavePasskey, offerPasskey } from "./passkey.ts";
import { endPage } from "./waiting.ts";

const step = (n: number): string => `Step ${n} of 4`;
const every = 3000; // milliseconds between two looks whether one is admitted

interface Link {
  token: string;
  founding: Bytes;
  root: string; // the headteacher's key, once the founding that names it is verified
}

export function readLink(hash: string): Link | null {
  const m = /^#([A-Za-z0-9_-]{20,100})\.([A-Za-z0-9_-]{43})$/.exec(hash);
  try {
    return m ? { token: m[1]!, founding: fromBase64url(m[2]!), root: "" } : null;
  } catch {
    return null;
  }
}

export function enrolPage(app: App): Open {
  return async () => {
    const cannot = impossible(globalThis as unknown as Parameters<typeof impossible>[0]);
    if (cannot) return endPage("You cannot do this with this browser here", cannot, "Use a newer Chrome, Edge, Firefox or Safari, at the https address that you were given.");
    const link = readLink(location.hash);
    if (!link) return endPage("This link is not complete", "A part of it is missing. Copy the whole link again, to its last letter, or ask the headteacher for a new one.");
    let m: Manifest, invite: Invite;
    try {
      const o = await app.gate.enrolOpen(link.token);
      invite = o.invite;
      link.root = rootOf(o.manifest);
      m = verifyManifest(o.manifest, link.root, toHex(link.founding));
    } catch (e) {
      if (e instanceof SealError) return otherSchool(app);
      if (e instanceof GateError && e.code === "invite-ended") return ended();
      throw e;
    }
    app.shell.setFrame({ school: screen(m.school.name), demo: m.school.demo });
    if (invite.state === "admitted") return admittedBefore(m);
    if (invite.state === "waiting") return used();
    return welcome(app, link, m, invite);
  };
}

function otherSchool(app: App): View {
  app.shell.stop("Stop: this is not the school that invited you",
    para("The link names one school, and the server shows another. The link may have been changed on its way to you, or something answers in the school’s place."),
    para("Make no key here. Ring the headteacher on a number that you know, and say: “My invitation leads to another school.”"));
  return { title: "Stop", body: null };
}

function ended(): View {
  return endPage("This invitation has ended", "Its time is over, or the headteacher ended it, or sent you a newer one.",
    "Look whether you have a newer link. If not, ask the headteacher for one.");
}

function used(): View {
  return endPage("A key was made with this link already", "If it was you, and the other window is still open, go back to it: the headteacher needs the six words that it shows.",
    "If you closed it before the headteacher typed the words, ask them to end this invitation and send you a new one. This page cannot show the words again: only the window that made the key knows that it is yours.",
    "If it was not you, ring the headteacher now. Somebody may have wanted to join in your place.");
}

function admittedBefore(m: Manifest): View {
  return {
    title: "You have joined",
    body: [heading("You have joined already"), para(`The headteacher of ${screen(m.school.name)} has admitted you, and this link is of no use any more. Sign in with the six words on your sheet.`),
      buttons(button("Sign in", () => location.assign("/")))],
  };
}

export function rolesInWords(roles: string[]): string {
  return roles.map((r) => roleNames[r as Role] ?? r).join(", ");
}

function welcome(app: App, link: Link, m: Manifest, i: Invite): View {
  const head = m.people.find((p) => p.roles.includes("head"));
  const again = personOf(m, i.id);
  return {
    title: `${step(1)}: join your school`,
    body: [
      stepHeading(step(1), again ? "Make a new key" : "Join your school in Sealwatch"),
      lead(`${head?.name ?? "The headteacher"} has invited you. You make a key, and nobody else can read what it opens.`),
      again ? inset("You have a key already. It ends when the headteacher admits the new one, and you sign in with new words.") : null,
      summary([
        ["School", m.school.name], ["You", `${i.name}, ${i.title}`], ["You will be", rolesInWords(i.roles)], ["Notices go to", i.mail || "nowhere"],
        ["Your account names", i.accounts.join(", ") || "none"],
      ]),
      para("Is something wrong? Tell the headteacher before you go on, and they send another link."),
      section("Is this your school?"),
      para(`Ring ${head?.name ?? "the headteacher"} on a number that you know, and stay on the phone. The same six words stand at the foot of the headteacher’s page:`),
      words(m.words), para("Ask them to read theirs to you. The words must be the same, in the same order."),
      buttons(button("They are the same", () => begin(app, link, m, i)), button("They are not the same", () => void otherSchool(app), "warning")),
      i.ends ? para(`This invitation holds until ${sayTime(i.ends, app.gate.now())}.`) : null,
    ],
  };
}

async function begin(app: App, link: Link, m: Manifest, i: Invite): Promise<void> {
  const made = await makeKey(i.id);
  const key: Key = { ...made.key, school: m.school.id, root: link.root, founding: toHex(link.founding), demo: m.school.demo };
  const phrase = passphrase();
  const release = holdOn();
  const handIn = (p: Passkey | null): Promise<void> => app.shell.begin(handInPage(app, { link, m, i, key, recipient: made.recipient, phrase, passkey: p, release }));
  await app.shell.begin(showWords(app, {
    step: step(2),
    sheet: () => ({
      school: m.school.name, address: ownMachine() ? "The sealopen program on your own machine" : location.origin, id: i.id, name: i.name, passphrase: phrase, words: m.words, made: new Date(),
    }),
    done: () => mayHavePasskey() ? app.shell.begin(offerPasskey(app, { step: step(3), key: () => key, school: m.school.name, name: i.name, done: handIn })) : handIn(null),
  }));
}

interface Joining {
  link: Link;
  m: Manifest;
  i: Invite;
  key: Key;
  recipient: string;
  phrase: string;
  passkey: Passkey | null;
  release: () => void;
}

function handInPage(app: App, j: Joining): Open {
  let done = false;
  return () => {
    const place = h("div");
    const p = progress("Sealing your key with your six words. This takes a few seconds.");
    const go = async (): Promise<void> => {
      replace(place, p.element);
      try {
        await handIn(app, j);
        done = true;
        await app.shell.begin(readPage(app, j));
      } catch (e) {
        if (e instanceof GateError && ["invite-ended", "invite-used"].includes(e.code)) {
          j.release();
          return app.shell.begin(e.code === "invite-ended" ? ended : used);
        }
        replace(place, trouble(sentence(e)), buttons(button("Try again", go)));
      }
    };
    if (!done) void go();
    return { title: `${step(4)}: your key`, body: [stepHeading(step(4), "Your key is being handed in"), place] };
  };
}

async function handIn(app: App, j: Joining): Promise<void> {
  const bundle = await wrapAway(j.key, j.phrase);
  const verify = j.key.signing.verifyKey();
  try {
    await app.gate.enrolKeys(j.link.token, j.recipient, verify, { bundle, passkeys: j.passkey ? [j.passkey] : [] });
  } catch (e) {
    if (!(e instanceof GateError) || e.code !== "invite-used") throw e;
    // Ours may have arrived, and the answer been lost.
    const { invite } = await app.gate.enrolOpen(j.link.token);
    if (invite.recipient !== j.recipient || invite.verify !== verify) throw e;
  }
}

// readPage shows the words that tell the headteacher whose keys these are.
function readPage(app: App, j: Joining): Open {
  return () => {
    const head = j.m.people.find((p) => p.roles.includes("head"))?.name ?? "the headteacher";
    const p = progress(`Waiting until ${head} has typed the words.`);
    let timer = 0;
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const o = await app.gate.enrolOpen(j.link.token);
        if (over) return;
        if (o.invite.recipient !== j.recipient || o.invite.verify !== j.key.signing.verifyKey()) throw new SealError("foreign");
        p.say(`Waiting until ${head} has typed the words.`);
        if (o.invite.state === "admitted") return await admitted(app, j, o.manifest);
      } catch (e) {
        if (over) return;
        if (e instanceof SealError || (e instanceof GateError && e.code === "invite-ended")) {
          j.release();
          if (e instanceof SealError) return void notYours(app);
          return app.shell.begin(() => endPage("The headteacher has ended this invitation", "Nothing of yours was admitted. If you did not agree on it by voice, ring the headteacher.", "To join, ask for a new invitation. Throw your sheet away; you get new words."));
        }
        p.say("The server does not answer at the moment. Leave the page open; it goes on by itself.");
      }
      timer = window.setTimeout(() => void look(), every);
    };
    timer = window.setTimeout(() => void look(), every);
    return {
      title: `${step(4)}: read six words`,
      body: [
        stepHeading(step(4), `Read six words to ${head}`),
        para(`Read them aloud, on the phone or in person. ${head} types them under “People”. They show that this key is yours, and not somebody’s who sits between.`),
        words(personWords(j.link.founding, j.i.id, j.recipient, j.key.signing.verifyKey())),
        para("Do not send them in writing. If the headteacher is told that they do not agree, read them once more; if they still do not, stop, and both tell the chair of governors."),
        p.element, para("Leave this page open until then."),
      ],
      leave: () => {
        over = true;
        clearTimeout(timer);
      },
    };
  };
}

function notYours(app: App): void {
  app.shell.stop("Stop: the server shows another key than yours",
    para("What the headteacher would sign is not the key that you have just made. Somebody may stand between you."),
    para("Ring the headteacher now, on a number that you know: “Do not admit me. End my invitation.”"));
}

// admitted believes it only when the headteacher's signature is over this very key.
async function admitted(app: App, j: Joining, signed: Uint8Array): Promise<void> {
  const m = verifyManifest(signed, j.key.root, j.key.founding);
  const me = personOf(m, j.i.id);
  if (!me || me.recipient !== j.recipient || me.verify !== j.key.signing.verifyKey()) throw new SealError("foreign");
  j.release();
  j.key.signing.wipe();
  j.key.identity = "";
  app.shell.setFrame({ school: screen(m.school.name), words: m.words });
  await app.shell.begin(() => ({
    title: "You have joined",
    body: [
      panel("You have joined", m.school.name), para("The headteacher has signed that this key is yours. This page has checked it."),
      summary([["Your name in Sealwatch", me.id], ["You are", rolesInWords(me.roles)], ["Notices go to", me.mail || "nowhere"]]),
      para("Sign in once now, with the words on your sheet, so that you know that it works."),
      buttons(button("Sign in", () => location.assign("/"))),
    ],
  }));
}
