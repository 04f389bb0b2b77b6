// SPDX-License-Identifier: Apache-2.0

// A passkey, for those who want one: it is tried by a real opening before it counts.

import { type Key, type Passkey, makePasskey, passkeysPossible } from "../key.ts";
import { type App } from "../page/app.ts";
import { h, replace } from "../page/dom.ts";
import { button, buttons, field, inset, para, trouble } from "../page/kit.ts";
import { type Open, ownMachine } from "../page/shell.ts";
import { stepHeading } from "./makekey.ts";

export function mayHavePasskey(): boolean {
  return passkeysPossible() && !ownMachine();
}

// passkeyFault says why there is no passkey now, and that nothing is lost.
export function passkeyFault(e: unknown): string {
  if (e instanceof DOMException && e.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (e instanceof DOMException) return "No passkey was made: it was cancelled, or it took too long. You can try again, or go on without one.";
  return "This device made a passkey, but it did not open your key when we tried it. It is not used. Go on with your six words: they work everywhere. You can delete the passkey in the settings of this device.";
}

// tryPasskey makes one and opens with it. It may ask twice: once to make, once to try.
export function tryPasskey(key: Key, device: string, school: string, name: string): Promise<Passkey> {
  return makePasskey(key, device, `${name}, Sealwatch${school ? ", " + school : ""}`);
}

export interface OfferPasskey {
  step: string;
  key: () => Key;
  school: string;
  name: string;
  done: (p: Passkey | null) => void | Promise<void>;
}

export function offerPasskey(app: App, o: OfferPasskey): Open {
  return () => {
    const wrong = h("div");
    const device = field({ label: "What do you call this device?", width: 20, value: "My laptop" });
    const body = h("div", {}, device.element, wrong, buttons(
      button("Make a passkey", async () => {
        const name = device.value().trim().slice(0, 60);
        device.error(name ? "" : "Write what you call this device");
        if (!name) return;
        replace(wrong);
        try {
          const p = await tryPasskey(o.key(), name, o.school, o.name);
          replace(body, inset("The passkey works: it has just opened your key."), buttons(button("Continue", () => o.done(p))));
          app.shell.say("The passkey works.");
        } catch (e) {
          replace(wrong, trouble(passkeyFault(e)));
        }
      }),
      button("Go on without", () => o.done(null), "secondary")));
    return {
      title: (o.step ? o.step + ": " : "") + "A passkey, if you like",
      body: [
        stepHeading(o.step, "A passkey, if you like"),
        para("With a passkey, this device opens your key with your finger, your face or its PIN. Your six words still work everywhere."),
        para("Do this only on a device that is yours alone. On one that others use or that IT can unlock, go on without."),
        para("The device asks you twice: to make it, and to try it."),
        body,
      ],
    };
  };
}
