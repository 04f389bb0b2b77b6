// SPDX-License-Identifier: Apache-2.0

// The sheets of paper: a person's own, with the words that open their key, and the
// school's two, which lie in sealed envelopes.

import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { day } from "./says.ts";

export interface Personal {
  school: string; // "" while it is not known yet
  name: string;
  id: string;
  address: string;
  passphrase: string;
}

// hands is what every sheet says about those who look after the computers.
const hands = "Whoever looks after the computers never needs this sheet: not to repair, move or update anything. Nobody may ask you for it. " +
  "If somebody does, do not give it, and tell the headteacher.";

export function personalSheet(p: Personal): Child {
  return sheet("Your key to Sealwatch", [
    p.school, `For ${p.name}. Made on ${day(new Date())}.`,
  ], [
    ["Where to sign in", [p.address]],
    ["Your name in Sealwatch", [p.id]],
    ["Your passphrase", [h("strong", {}, p.passphrase)]],
    ["How to keep it", [
      "Keep this sheet where you keep your passport, not at your desk and not with your computer.",
      "Do not photograph it, and do not type it into anything but Sealwatch.",
      hands,
    ]],
    ["If it is lost", [
      "You still have another way in, such as a passkey: sign in and make a new passphrase under “Your key”.",
      "You have none: ring the headteacher, who gives you a new key. Nobody can look up the old words.",
    ]],
  ]);
}

export function paperKey(o: { school: string; title: string; use: string[]; secret: string }): Child {
  return sheet(o.title, [o.school, `Made on ${day(new Date())}. There is no copy of this key but on this sheet.`], [
    ["The key", [h("strong", { class: "sw-secret" }, inFours(o.secret))]],
    ["What it is for", o.use],
    ["How to keep it", ["Put this sheet into an envelope now. Seal it, sign across the flap, both of you, and put it into the school’s safe.", hands]],
  ]);
}

// inFours makes a long key easier to read and to type.
function inFours(s: string): string {
  return s.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

function sheet(title: string, under: string[], parts: [string, Child[]][]): Child {
  return h("div", { class: "sw-sheet", translate: "no" }, h("h1", {}, title), under.filter(Boolean).map((u) => h("p", { class: "sw-sheet__under" }, u)),
    parts.map(([name, lines]) => [h("h2", {}, name), h("ul", {}, lines.map((l) => h("li", {}, l)))]));
}

// print puts a sheet on paper.
export function print(app: App, s: Child): Promise<void> {
  return app.shell.print(s);
}
