// SPDX-License-Identifier: Apache-2.0

// Joining a school by the headteacher's invitation. The link names the founding, so that
// whatever the server shows is held against it before a key is made.

import { type Bytes, SealError, fromBase64url, toHex } from "../bytes.ts";
import { rootOf } from "../founding.ts";
import { GateError, type Invite } from "../gate.ts";
import { type Key, type Passkey, makeKey } from "../key.ts";
import { type Manifest, personOf, verifyManifest } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { button, buttons, inset, lead, para, section, summary, words } from "../page/kit.ts";
import { type Open, type View } from "../page/shell.ts";
import { impossible } from "../reader/signin.ts";
import { screen, sayTime } from "../tell.ts";
import { passphrase } from "../words.ts";
import { handInPage } from "./enrolled.ts";
import { admittedBefore, ended, rolesInWords, step, used } from "./enrolsays.ts";
import { holdOn, showWords, stepHeading } from "./makekey.ts";
import { mayHavePasskey, offerPasskey } from "./passkey.ts";
import { whereToSignIn } from "./sheet.ts";
import { endPage } from "./waiting.ts";

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
      school: m.school.name, address: whereToSignIn(), id: i.id, name: i.name, passphrase: phrase, words: m.words, made: new Date(),
    }),
    done: () => mayHavePasskey() ? app.shell.begin(offerPasskey(app, { step: step(3), key: () => key, school: m.school.name, name: i.name, done: handIn })) : handIn(null),
  }));
}
