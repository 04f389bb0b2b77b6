// SPDX-License-Identifier: Apache-2.0

// The steps that everybody takes who makes a key: the words, the sheet, and the passkey
// for whoever likes one.

import { type Bundle } from "../gate.ts";
import { type Key, type Passkey, makePasskey, passkeysPossible, wrapKey } from "../key.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, details, field, form, para, progress, small, trouble, warning, words } from "../page/kit.ts";
import { fold, passphrase } from "../words.ts";
import { type Personal, personalSheet, print } from "./sheet.ts";
import { type Walk } from "./walk.ts";

// passphraseStep draws six words, has them put on paper, and asks for two of them back.
export async function passphraseStep(walk: Walk, who: Omit<Personal, "passphrase">): Promise<string> {
  const phrase = passphrase();
  const all = phrase.split(" ");
  const sheet = { ...who, passphrase: phrase };
  await walk.step<void>("Your six words", (done) => [
    para("These six words open your key. They were drawn by chance on this device, and nobody else has seen them: not the server, not the technician."),
    words(all),
    warning("If you lose them, nobody can look them up. Put them on paper now."),
    buttons(button("Print my sheet", () => print(walk.app, personalSheet(sheet)))),
    details("I cannot print here", para("Write on a sheet of paper, by hand: the six words in their order, your name in Sealwatch (", h("strong", {}, who.id), "), and the address of this page."),
      para("Add this sentence: whoever looks after the computers never needs these words, and nobody may ask me for them.")),
    small("Do not save them on this computer, and do not photograph them."),
    buttons(button("They are on paper", () => done())),
  ]);
  await walk.page<void>("Two of your words", "A check", (done) => {
    const [second, fifth] = [field({ label: "Your second word", width: 20 }), field({ label: "Your fifth word", width: 20 })];
    return [
      para("Read them from your paper."),
      form({
        fields: [second.element, fifth.element], send: "Go on",
        check: () => [
          { field: second, error: fold(second.value()) === all[1] ? "" : "This is not the second word. Read it from your paper" },
          { field: fifth, error: fold(fifth.value()) === all[4] ? "" : "This is not the fifth word. Read it from your paper" },
        ],
        sent: () => done(),
        also: [button("Show the words again", () => showAgain(all), "secondary")],
      }).element,
    ];
  });
  return phrase;
}

function showAgain(all: string[]): void {
  const place = document.querySelector("form");
  if (place && !document.querySelector(".sw-words")) place.before(words(all));
}

// wrapStep makes the bundle that the server keeps: the key, wrapped by the words, and by
// a passkey for whoever wants one.
export async function wrapStep(walk: Walk, key: Key, phrase: string, keyName: string): Promise<Bundle> {
  const passkeys: Passkey[] = [];
  if (passkeysPossible()) {
    const p = await walk.page<Passkey | null>("Do you want a passkey as well?", "If you like", (done) => {
      const busy = h("div");
      const make = async (): Promise<void> => {
        const p = progress("Follow what your device asks. Then it is tried by really opening your key with it…");
        replace(busy, p.element);
        try {
          done(await makePasskey(key, deviceName(), keyName));
        } catch (e) {
          replace(busy, trouble(e instanceof DOMException
            ? "It was not made: it was cancelled, took too long, or this device cannot do it. Nothing is lost. Your six words work everywhere."
            : "This device promised a passkey that cannot open your key, so it was not taken. Your six words work everywhere. " + (e instanceof TypeError ? "" : sentence(e))));
        }
      };
      return [
        para("With a passkey you sign in on this device by your finger, face or its PIN. Your six words go on working, here and everywhere else."),
        bullets(["It works on this device only, or wherever your passkeys are kept in step.", "A school’s Chromebook may forget it at night. Your words do not."]),
        busy, buttons(button("Make a passkey", make), button("No, my words are enough", () => done(null), "secondary")),
      ];
    });
    if (p) passkeys.push(p);
  }
  const bar = progress("Wrapping your key. This takes a few seconds: it is made slow, so that nobody can guess your words…");
  void walk.page<never>("One moment", "", () => bar.element);
  await new Promise((r) => setTimeout(r, 50));
  return { bundle: (await wrapKey(key, phrase)) as Bundle["bundle"], passkeys };
}

// deviceName is what a passkey is called until its person calls it something else.
export function deviceName(): string {
  const agent = navigator.userAgent;
  const kind = /iPad/.test(agent) ? "iPad" : /iPhone/.test(agent) ? "iPhone" : /Android/.test(agent) ? "Android" : /CrOS/.test(agent) ? "Chromebook" : /Mac OS X/.test(agent) ? "Mac" : /Windows/.test(agent) ? "Windows" : "this device";
  return `Passkey of ${kind}`;
}
