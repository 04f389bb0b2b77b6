// SPDX-License-Identifier: Apache-2.0

// The next manifest: made from the one in force, signed by the headteacher, and seen to
// be in force before anything is said to be done.

import { equal, list, record } from "../bytes.ts";
import { GateError, type Invite } from "../gate.ts";
import { type Manifest, nextDocument, personOf, signManifest } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { sha256 } from "../seal/sign.ts";
import { fromBase64, parseJSON, toText } from "../bytes.ts";

type Document = Record<string, unknown>;

export const outdated = "Somebody has signed another change meanwhile, perhaps you in another window. Nothing was changed by this one. The list has been read again: look at it, then do it once more.";

// signNext changes the document in force and has it signed. It throws a GateError whose
// sentence says what to do where another change was faster.
export async function signNext(app: App, change: (d: Document, m: Manifest) => void): Promise<void> {
  const { desk, gate } = app;
  const doc = nextDocument(desk.manifest);
  change(doc, desk.manifest);
  const signed = signManifest(doc, desk.key.signing);
  const want = sha256(fromBase64(record(parseJSON(toText(signed))).manifest));
  try {
    await gate.signManifest(signed);
  } catch (e) {
    // The answer may have been lost where the change was not: see what is in force.
    if (!(e instanceof GateError) || !["outdated", "offline"].includes(e.code)) throw e;
    await settle(app);
    if (equal(desk.manifest.hash, want)) return;
    throw e.code === "outdated" ? new GateError("outdated", outdated) : e;
  }
  await settle(app);
  if (!equal(desk.manifest.hash, want)) throw new GateError("outdated", outdated);
}

// settle reads the manifest in force. The service opens itself anew after a change, which
// takes a moment.
async function settle(app: App): Promise<void> {
  const before = app.desk.manifest.serial;
  for (let tries = 0; ; tries++) {
    try {
      await app.desk.refreshManifest();
      if (app.desk.manifest.serial > before || tries >= 8) return;
    } catch (e) {
      if (!(e instanceof GateError) || e.code !== "offline" || tries >= 8) throw e;
    }
    await new Promise((r) => setTimeout(r, 400));
  }
}

// admit puts somebody in who handed in keys, or gives new keys to who is there.
export function admit(d: Document, m: Manifest, i: Invite): void {
  const entry = {
    id: i.id, name: i.name, title: i.title, roles: i.roles, recipient: i.recipient, verify: i.verify,
    accounts: i.accounts.length > 0 ? i.accounts : undefined, mail: i.mail || undefined,
  };
  const people = list(d.people);
  const at = people.findIndex((p) => record(p).id === i.id);
  if (at < 0) people.push(entry);
  else {
    retire(d, m, i.id);
    people[at] = entry;
  }
  d.people = people;
}

// remove takes somebody out. What they signed in their time goes on to hold.
export function remove(d: Document, m: Manifest, id: string): void {
  retire(d, m, id);
  d.people = list(d.people).filter((p) => record(p).id !== id);
}

function retire(d: Document, m: Manifest, id: string): void {
  const p = personOf(m, id);
  if (!p || p.roles.includes("technician")) return;
  d.former = [...list(d.former), { id: p.id, name: p.name, verify: p.verify }];
}

// relock seals the list of names anew, to those who read about pupils now.
export async function relock(app: App): Promise<boolean> {
  const { rows } = await app.desk.names();
  if (rows.length === 0) return false;
  await app.desk.saveNames(rows);
  return true;
}
