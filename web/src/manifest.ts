// SPDX-License-Identifier: Apache-2.0

// The signed manifest: who the people of the school are, and whose signatures hold. The
// rules are those of internal/people; this side refuses what the headteacher's key did
// not sign, and a school that is not the one this person joined.

import { type Bytes, Writer, equal, fail, fromBase64, fromText, list, parseJSON, record, text, toBase64, toHex, toText, whole } from "./bytes.ts";
import { type SigningKey, sha256, verify } from "./seal/sign.ts";
import { wordsOf } from "./words.ts";

export type Role = "dsl" | "deputy" | "head" | "leader" | "case-manager" | "chair" | "vice-chair" | "external" | "technician";

export interface Person {
  id: string;
  name: string;
  title: string;
  roles: Role[];
  recipient: string;
  verify: string;
  accounts: string[];
  mail: string;
  phone: string;
}

export interface Manifest {
  serial: number;
  school: { id: string; name: string; demo: boolean };
  people: Person[];
  patterns: { pupil: string[]; staff: string[] };
  founding: Bytes | null; // the founding hash; null in a school without a founding record
  words: string[]; // the school's six words; empty without a founding record
  sealers: Bytes[];
  readers: Bytes[]; // everybody who can be a reader, and those who were
  vault: string;
  recovery: string;
  hash: Bytes;
  document: Record<string, unknown>; // as signed: what a next manifest is made from
}

const maxManifest = 1 << 20;

// foundingHash is what the two founders compared: docs/formats.md, Founding.
export function foundingHash(head: Uint8Array, leader: Uint8Array): Bytes {
  return sha256(new Writer().ascii("sealwatch/founding/v1\n").bytes(head).bytes(leader).done());
}

// verifyManifest reads a signed manifest. It throws "signature" if root did not sign it,
// and "foreign" if it is of another founding than the one this person knows.
export function verifyManifest(data: Uint8Array, root: string, founding = ""): Manifest {
  if (data.length > maxManifest) fail("size");
  const file = record(parseJSON(toText(data)));
  const raw = fromBase64(file.manifest);
  if (!verify("manifest", raw, fromBase64(file.signature), fromBase64(root))) fail("signature");
  const d = record(parseJSON(toText(raw)));
  if (d.v !== 1) fail("version");
  const school = record(d.school);
  const f = d.founding === undefined ? null : record(d.founding);
  const hash = f ? foundingHash(fromBase64(f.head), fromBase64(f.leader)) : null;
  if (founding !== "" && (hash === null || toHex(hash) !== founding)) fail("foreign");
  const people = list(d.people, 1000).map(person);
  const former = list(d.former, 10_000).map((p) => fromBase64(record(p).verify));
  return {
    serial: whole(d.serial), school: { id: text(school.id, 64), name: text(school.name, 200), demo: school.demo === true },
    people, patterns: { pupil: texts(record(d.patterns).pupil), staff: texts(record(d.patterns).staff) },
    founding: hash, words: hash ? wordsOf("school", hash) : [],
    sealers: list(d.sealers, 100).map(fromBase64),
    readers: [...people.filter((p) => !p.roles.includes("technician")).map((p) => fromBase64(p.verify)), ...former],
    vault: text(d.vault, 2048), recovery: text(d.recovery, 2048), hash: sha256(raw), document: d,
  };
}

function texts(v: unknown): string[] {
  return list(v, 10_000).map((s) => text(s, 1000));
}

function person(v: unknown): Person {
  const p = record(v);
  return {
    id: text(p.id, 64), name: text(p.name, 200), title: text(p.title, 200), roles: texts(p.roles) as Role[],
    recipient: text(p.recipient, 2048), verify: text(p.verify, 64), accounts: texts(p.accounts), mail: text(p.mail, 320), phone: text(p.phone, 30),
  };
}

export function personOf(m: Manifest, id: string): Person | undefined {
  return m.people.find((p) => p.id === id);
}

export function trusted(keys: Bytes[], key: Uint8Array): boolean {
  return keys.some((k) => equal(k, key));
}

// signManifest lays out and signs a document. Its fields stand in the order that the
// service writes them in: it refuses any other spelling of the same.
export function signManifest(doc: Record<string, unknown>, key: SigningKey): Bytes {
  const raw = fromText(goJSON(inOrder(doc)));
  return fromText(JSON.stringify({ manifest: toBase64(raw), signature: toBase64(key.sign("manifest", raw)) }));
}

const documentKeys = ["v", "serial", "school", "people", "former", "patterns", "recovery", "handover", "keeper", "vault", "sealers", "ledger", "policy", "founding"];
const personKeys = ["id", "name", "title", "roles", "recipient", "verify", "accounts", "mail", "phone"];

function ordered(v: Record<string, unknown>, keys: string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const k of keys) if (v[k] !== undefined) out[k] = v[k];
  return out;
}

function inOrder(doc: Record<string, unknown>): Record<string, unknown> {
  const d = ordered(doc, documentKeys);
  d.school = ordered(record(doc.school), ["id", "name", "demo"]);
  d.people = list(doc.people).map((p) => ordered(record(p), personKeys));
  if (doc.former !== undefined) d.former = list(doc.former).map((p) => ordered(record(p), ["id", "name", "verify"]));
  d.patterns = ordered(record(doc.patterns), ["pupil", "staff"]);
  if (doc.founding !== undefined) d.founding = ordered(record(doc.founding), ["head", "leader"]);
  return d;
}

// goJSON writes JSON as Go's encoding/json does: <, >, & and two line separators are
// escaped.
export function goJSON(v: unknown): string {
  return JSON.stringify(v).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

// nextDocument is the current document with another serial, ready to be changed.
export function nextDocument(m: Manifest): Record<string, unknown> {
  return { ...(structuredClone(m.document) as Record<string, unknown>), serial: m.serial + 1 };
}

export const roleNames: Record<Role, string> = {
  dsl: "Designated Safeguarding Lead", deputy: "Deputy safeguarding lead", head: "Headteacher", leader: "Second leader",
  "case-manager": "Case manager for staff concerns", chair: "Chair of governors", "vice-chair": "Vice-chair of governors",
  external: "Outside the school", technician: "Technician",
};
