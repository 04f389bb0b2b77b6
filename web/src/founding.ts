// SPDX-License-Identifier: Apache-2.0

// What two founders' browsers do with each other's cards, and a new person's with the
// head's. Each side commits to its card before it sees the other's, so that nobody who
// stands between can choose keys until the words fit.

import { type Bytes, Writer, equal, fail, fromBase64, fromText, list, parseJSON, random, record, text, toBase64, toBase64url, toText } from "./bytes.ts";
import { type Role, foundingHash } from "./manifest.ts";
import { checkRecipient, sha256 } from "./seal/sign.ts";
import { wordsOf } from "./words.ts";

export type Seat = "head" | "leader";

export interface Card {
  seat: Seat;
  id: string;
  name: string;
  title: string;
  roles: Role[];
  mail: string;
  recipient: string;
  verify: string;
  school?: { id: string; name: string };
}

// makeCard lays out a card with a fresh nonce. The bytes are what counts from then on.
export function makeCard(c: Card): Bytes {
  return fromText(JSON.stringify({
    seat: c.seat, id: c.id, name: c.name, title: c.title, roles: c.roles, mail: c.mail, recipient: c.recipient, verify: c.verify,
    nonce: toBase64(random(32)), ...(c.school ? { school: c.school } : {}),
  }));
}

export function commitOf(card: Uint8Array): Bytes {
  return sha256(card);
}

// openCard reads the other side's card; it throws "damaged" unless it is the one that
// was committed to.
export function openCard(card: Uint8Array, commit: Uint8Array, seat: Seat): Card {
  if (!equal(commitOf(card), commit)) fail("damaged");
  const c = record(parseJSON(toText(card)));
  if (c.seat !== seat) fail("foreign");
  const school = c.school === undefined ? undefined : record(c.school);
  const out: Card = {
    seat, id: text(c.id, 64), name: text(c.name, 200), title: text(c.title, 200), roles: list(c.roles, 10).map((r) => text(r, 20) as Role),
    mail: text(c.mail, 320), recipient: checkRecipient(c.recipient), verify: text(c.verify, 64),
  };
  if (school) out.school = { id: text(school.id, 64), name: text(school.name, 200) };
  return out;
}

// foundingWords are the six words that a seat's screen shows.
export function foundingWords(head: Uint8Array, leader: Uint8Array, seat: Seat): string[] {
  return wordsOf(seat, foundingHash(head, leader));
}

// An Invitation is what the head's browser makes: the link carries token and founding
// hash behind a #, so that neither is sent to any server by opening it.
export function invitation(origin: string, founding: Bytes): { token: string; hash: Bytes; link: string } {
  const token = toBase64url(random(32));
  return { token, hash: tokenHash(token), link: `${origin}/enrol#${token}.${toBase64url(founding)}` };
}

export function tokenHash(token: string): Bytes {
  return sha256(fromText("sealwatch/token/v1\n" + token));
}

// rootOf is the headteacher's public signing key, as the founding record in a manifest
// has it. It is to be trusted only where that record is the one whose hash is known.
export function rootOf(manifest: Uint8Array): string {
  const d = record(parseJSON(toText(fromBase64(record(parseJSON(toText(manifest))).manifest))));
  const head = record(parseJSON(toText(fromBase64(record(d.founding).head))));
  return text(head.verify, 64);
}

// personWords are what a new person's screen shows and the head types.
export function personWords(hash: Uint8Array, id: string, recipient: string, verify: string): string[] {
  return wordsOf("person", sha256(new Writer().ascii("sealwatch/enrol/v1\n").bytes(hash).text(id).text(recipient).text(verify).done()));
}

// idOf makes a person's sign-in name from a name: "Mrs Ama Okafor" → "ama-okafor".
export function idOf(name: string, taken: string[] = []): string {
  const plain = name.normalize("NFKD").replaceAll(/[\u0300-\u036f]/g, "").toLowerCase().replace(/^(mrs?|ms|miss|mx|dr|prof|sir|rev)\.?\s+/, "");
  const base = plain.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 28).replace(/-+$/, "") || "person";
  let id = base;
  for (let n = 2; taken.includes(id); n++) id = `${base}-${n}`;
  return id;
}

