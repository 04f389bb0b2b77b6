// SPDX-License-Identifier: Apache-2.0

// Your key: a copy of it, new words for it, the passkeys that open it, and what to do if
// something is lost. The server keeps it wrapped and cannot open it.

import { wrapAway } from "../desk.ts";
import { type Bundle } from "../gate.ts";
import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, field, heading, inset, lead, link, para, progress, save, section, summary, trouble, warning } from "../page/kit.ts";
import { type Open, ownMachine } from "../page/shell.ts";
import { passphrase } from "../words.ts";
import { showWords } from "./makekey.ts";
import { mayHavePasskey, passkeyFault, tryPasskey } from "./passkey.ts";

const mostPasskeys = 5; // what the server keeps

export function keyPage(app: App, said = ""): Open {
  return async () => {
    const { me } = app.desk;
    if (ownMachine()) return { title: "Your key", body: ownKey(me.id) };
    const b = await app.guard(() => app.gate.bundle(me.id));
    return {
      title: "Your key",
      body: [
        heading("Your key"), said ? inset(h("div", { role: "status" }, said)) : null,
        lead("Your key opens what is sealed to you. It was made in your browser. The server keeps it locked with your six words, and cannot open it."),
        section("Keep a copy"),
        para("With a copy and your six words you can read with the sealopen program on your own machine, even if somebody alters these pages."),
        buttons(button("Save my locked key as a file", () => save(`${me.id}.key`, b.bundle, "application/octet-stream"), "secondary")),
        section("New words"),
        para("If somebody may have seen your words, or your sheet is gone and you are still signed in, make new ones. The old words then open nothing that the server keeps."),
        buttons(button("Make new words", () => renew(app, b), "secondary")),
        passkeyPart(app, b),
        section("If something is lost"), lostPart(),
      ],
    };
  };
}

function ownKey(id: string): Child {
  return [
    heading("Your key"),
    para("You read with the sealopen program, which has its own copy of your key on this machine. Changes to your words and passkeys are made in the browser, at the school’s Sealwatch address."),
    para("After you have made new words there, fetch the key again, so that this machine has the new one. It goes into another file than the old key:"),
    h("pre", { class: "sw-copy", tabindex: 0, role: "region", "aria-label": "The command", translate: "no" }, `sealopen key fetch --person ${id} --server https://… --key ${id}-new.key`),
    section("If something is lost"), lostPart(),
  ];
}

function lostPart(): Child {
  return bullets([
    "Your sheet is lost, and nobody else has it: make new words here, today. The old ones then open nothing on the server.",
    "Somebody else may have your sheet or your words: tell the headteacher at once. They remove your key and give you a new one. A copy of the old key with the old words goes on being a key until they do.",
    "A device with a passkey is lost: remove that passkey here.",
    "You have lost your words and every passkey: ring the headteacher. You get a new key. What was sealed to the old one only is read by the others.",
  ]);
}

// renew wraps the key with new words. Nothing changes on the server before they are on
// paper: a page that is left before has changed nothing.
async function renew(app: App, b: Bundle): Promise<void> {
  const { me, key, manifest } = app.desk;
  const phrase = passphrase();
  const done = async (): Promise<void> => {
    const place = h("div");
    const go = async (): Promise<void> => {
      replace(place, progress("Sealing your key with the new words. This takes a few seconds.").element);
      try {
        await app.guard(async () => app.gate.setBundle({ bundle: await wrapAway(key, phrase), passkeys: b.passkeys }));
        await app.shell.begin(keyPage(app, "Your new words are in use. Destroy the old sheet, and every copy of your key that you saved before."));
      } catch (e) {
        replace(place, trouble(sentence(e)), para("Your old words are still the right ones. Keep both sheets until this has worked."), buttons(button("Try again", go)));
      }
    };
    await app.shell.begin(() => ({ title: "New words", body: [heading("New words"), place] }));
    await go();
  };
  await app.shell.go(() => {
    const page = showWords(app, {
      step: "", done,
      sheet: () => ({ school: manifest.school.name, address: location.origin, id: me.id, name: me.name, passphrase: phrase, words: manifest.words, made: new Date() }),
    });
    return page();
  });
}

function passkeyPart(app: App, b: Bundle): Child {
  const wrong = h("div");
  const set = (passkeys: Bundle["passkeys"], said: string): Promise<boolean> => app.attempt(wrong, async () => {
    await app.gate.setBundle({ bundle: b.bundle, passkeys });
    await app.shell.go(keyPage(app, said), "instead");
  });
  const device = field({ label: "What do you call this device?", width: 20, value: "My laptop" });
  const add = async (): Promise<void> => {
    const name = device.value().trim().slice(0, 60);
    device.error(name ? "" : "Write what you call this device");
    if (!name) return;
    replace(wrong);
    try {
      const p = await tryPasskey(app.desk.key, name, app.desk.manifest.school.name, app.desk.me.name);
      await set([...b.passkeys, p], `The passkey of “${name}” has opened your key, and is in use.`);
    } catch (e) {
      replace(wrong, trouble(passkeyFault(e)));
    }
  };
  return [
    section("Passkeys"),
    b.passkeys.length === 0 ? para("You have none. Your six words are all you need; a passkey saves you typing them.") : [
      para("Each opens your key on its own device:"),
      summary(b.passkeys.map((p, i) => [p.name || "A passkey", "", link(["Remove", h("span", { class: "govuk-visually-hidden" }, ` ${p.name}`)],
        () => void set(b.passkeys.filter((_, k) => k !== i), `The passkey of “${p.name}” is removed. Delete it in the settings of that device too.`))])),
    ],
    wrong,
    !mayHavePasskey() ? para("This browser cannot have a passkey at this address.")
      : b.passkeys.length >= mostPasskeys ? warning("You have as many passkeys as there can be. Remove one that you do not need.")
        : [para("Add one only on a device that is yours alone. The device asks you twice: once to make it, and once to try it."), device.element, buttons(button("Add a passkey on this device", add, "secondary"))],
  ];
}
