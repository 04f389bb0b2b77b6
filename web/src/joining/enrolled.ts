// SPDX-License-Identifier: Apache-2.0

// The end of joining: the key is handed in, the words are read to the headteacher, and
// the headteacher's signature over this very key is seen.

import { type Bytes, SealError } from "../bytes.ts";
import { wrapAway } from "../desk.ts";
import { personWords } from "../founding.ts";
import { GateError, type Invite } from "../gate.ts";
import { type Key, type Passkey } from "../key.ts";
import { type Manifest, personOf, verifyManifest } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { button, buttons, panel, para, progress, summary, trouble, words } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { screen } from "../tell.ts";
import { ended, rolesInWords, step, used } from "./enrolsays.ts";
import { stepHeading } from "./makekey.ts";
import { endPage } from "./waiting.ts";

const every = 3000; // milliseconds between two looks whether one is admitted

export interface Joining {
  link: { token: string; founding: Bytes };
  m: Manifest;
  i: Invite;
  key: Key;
  recipient: string;
  phrase: string;
  passkey: Passkey | null;
  release: () => void;
}

export function handInPage(app: App, j: Joining): Open {
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
        para(`Read them aloud, by phone or in person. ${head} types them under “People”. They show that this key is yours, and not somebody’s who sits between.`),
        words(personWords(j.link.founding, j.i.id, j.recipient, j.key.signing.verifyKey())),
        para("Do not send them in writing. If they do not agree when you read them again, stop, and both tell the chair of governors."),
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
      me.roles.includes("technician") ? para("Your page shows how Sealwatch is, and nothing of what it finds.") : null,
      para("Sign in once now, with the words on your sheet, so that you know that it works."), buttons(button("Sign in", () => location.assign("/"))),
    ],
  }));
}
