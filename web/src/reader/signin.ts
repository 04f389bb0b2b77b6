// SPDX-License-Identifier: Apache-2.0

// Signing in: a name and a passphrase, a passkey, or a key file. Everything happens in
// this page; what it cannot do on a device it says, and what to do instead.

import { SealError } from "../bytes.ts";
import { Helper, helperURL } from "../desk.ts";
import { type Key, type Passkey, openPasskey, passkeysPossible } from "../key.ts";
import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { button, buttons, details, field, form, heading, inset, para, progress, reveal, small, trouble, upload } from "../page/kit.ts";
import { type Open, ownMachine } from "../page/shell.ts";
import { schoolNotice } from "./school.ts";

// impossible says what this device lacks, or "" if nothing.
export function impossible(w: { isSecureContext: boolean; Worker?: unknown; BigInt?: unknown; crypto?: { subtle?: unknown } }): string {
  if (!w.isSecureContext) return "This address does not begin with https, so the browser does not let a page open anything sealed.";
  if (!w.crypto?.subtle || typeof w.BigInt !== "function") return "This browser is too old to open what is sealed.";
  if (typeof w.Worker !== "function") return "This browser does not let a page work in the background, and a key is opened there.";
  return "";
}

export function signInPage(app: App, why = ""): Open {
  return () => {
    const cannot = impossible(globalThis as unknown as Parameters<typeof impossible>[0]);
    const notice = h("div");
    const rest = h("div", {}, cannot ? unable(cannot) : fields(app));
    void schoolNotice(app).then((n) => {
      replace(notice, n.notice);
      if (!n.canSignIn) replace(rest);
    });
    return { title: "Sign in", body: [heading("Sign in"), why ? inset(why) : null, notice, rest] };
  };
}

function unable(cannot: string): Child {
  return [
    para(h("strong", {}, "You cannot sign in with this browser here. "), cannot),
    para("What always works: the ", h("strong", {}, "sealopen"), " program on your own machine, with your key file. Or use a newer Chrome, Edge, Firefox or Safari, at the https address that you were given."),
  ];
}

function fields(app: App): Child {
  const name = field({
    label: "Your name in Sealwatch", width: 20, autocomplete: "off",
    hint: ownMachine() ? "The one that the program was started with." : "The short name on your key’s sheet, such as dsl.",
  });
  const words = reveal(field({ label: "Your passphrase", type: "password", hint: "The six words. Capitals and extra spaces do not matter." }), "Show the words while I type");
  const file = upload({ label: "Your key file", accept: ".key", hint: "It ends in .key, and you open it with the same six words. It is read in this page and sent nowhere." });
  const busy = h("div");
  const enter = (work: (say: (text: string) => void) => Promise<Key>): Promise<void> => begin(app, busy, f, work);

  const f = form({
    fields: [name.element, words.element, details("I have my key as a file", file.element)],
    send: "Sign in",
    check: () => [
      { field: name, error: nameOf(name.value()) === "" && !file.value() ? "Write your name, or choose your key file" : "" },
      { field: words, error: words.value().trim() === "" ? "Write your six words" : "" },
    ],
    sent: () => enter(async (say) => {
      const chosen = file.value();
      say(chosen ? "Reading your key file" : "Fetching your key");
      const key = chosen ? new Uint8Array(await chosen.arrayBuffer()) : (await app.gate.bundle(nameOf(name.value()))).bundle;
      say("Opening your key. This takes a few seconds: it is made slow, so that nobody can guess your words");
      return unwrap(key, words.value());
    }),
    also: [],
  });
  return [f.element, busy, passkeys(app, () => nameOf(name.value()), () => name.error("Write your name first"), enter)];
}

function nameOf(typed: string): string {
  return typed.trim().toLowerCase();
}

// unwrap opens a key file away from the page, so that the page stays quick.
async function unwrap(file: Uint8Array, passphrase: string): Promise<Key> {
  const helper = new Helper(helperURL);
  try {
    return await helper.openKey(file, passphrase);
  } finally {
    helper.end();
  }
}

async function begin(app: App, busy: HTMLElement, f: { fail(text: string): void }, work: (say: (text: string) => void) => Promise<Key>): Promise<void> {
  const p = progress("");
  replace(busy, p.element);
  try {
    const key = await work((text) => p.say(text + "…"));
    p.say("Signing in…");
    await app.enter(key);
  } catch (e) {
    f.fail(refused(e));
  } finally {
    replace(busy);
  }
}

// refused says why somebody could not sign in. It is the same whether the name or the
// words are wrong: the server does not tell which names exist, and neither does this.
function refused(e: unknown): string {
  if (e instanceof SealError && e.code === "decrypt") return "Name and passphrase do not fit together. Check the name, then the six words, one by one, against your sheet.";
  if (e instanceof SealError && (e.code === "format" || e.code === "size")) return "This is not a key file of Sealwatch. It ends in .key, and you saved it when you made your key.";
  if (e instanceof DOMException) return "The passkey was not used: it was cancelled, took too long, or is not on this device. Your passphrase works everywhere.";
  return sentence(e);
}

type Enter = (work: (say: (text: string) => void) => Promise<Key>) => Promise<void>;

function passkeys(app: App, name: () => string, noName: () => void, enter: Enter): Child {
  if (ownMachine()) return null;
  if (!passkeysPossible()) return small("Passkeys do not work in this browser at this address. Your passphrase does.");
  const place = h("div");
  const use = (p: Passkey): Promise<void> => enter(async (say) => {
    say("Waiting for your passkey");
    return openPasskey(p);
  });
  const ask = async (): Promise<void> => {
    replace(place);
    if (name() === "") return noName();
    try {
      const all = (await app.gate.bundle(name())).passkeys;
      if (all.length === 1) return await use(all[0]!);
      replace(place, all.length === 0
        ? para("There is no passkey for this name here. Sign in with your passphrase. You can then add a passkey under “Your key”.")
        : [para("Which passkey?"), buttons(all.map((p) => button(p.name || "A passkey", () => use(p), "secondary")))]);
    } catch (e) {
      replace(place, trouble(sentence(e)));
    }
  };
  return [buttons(button("Use a passkey instead", ask, "secondary")), place];
}
