// SPDX-License-Identifier: Apache-2.0

// The roster: whom an account belongs to. The safeguarding lead opens a CSV file that the
// school's information system exports; it is read here, sealed here, and joined here.

import Papa from "papaparse";
import { type Bytes, fail, fromText, list, parseJSON, record, text, toText } from "./bytes.ts";
import { type Gate } from "./gate.ts";
import { type Key } from "./key.ts";
import { type Manifest } from "./manifest.ts";
import { fileAuthors, fileReaders } from "./recipients.ts";
import { type ClassFile, openClassFile, parseClassFile, sealClassFile, verifyClassFile } from "./seal/classfile.ts";
import { decrypt } from "./seal/sign.ts";
import { shareRequest } from "./seal/write.ts";

export interface RosterRow {
  account: string;
  name: string;
  form: string;
  headOfYear: string;
  flags: string[];
}

export interface Roster {
  rows: RosterRow[];
  file: ClassFile | null; // null: no roster has been saved yet
}

export const maxRosterFile = 8 << 20; // bytes of a CSV file
const maxRows = 20_000;
const maxField = 200;

// columns are the names that schools' systems give to what we ask for, folded.
const columns: Record<keyof RosterRow, string[]> = {
  account: ["account", "accountname", "username", "user", "login", "loginname", "networklogin", "networkusername", "samaccountname", "upn", "userprincipalname", "email", "emailaddress", "schoolemail", "workemail"],
  name: ["name", "fullname", "displayname", "pupil", "pupilname", "student", "studentname", "preferredname", "legalname"],
  form: ["form", "formgroup", "tutorgroup", "tutor", "reg", "reggroup", "registrationgroup", "class", "yeargroup", "year"],
  headOfYear: ["headofyear", "hoy", "headofhouse", "pastorallead", "keystagelead"],
  flags: ["flags", "flag", "notes", "status", "markers", "need", "needs"],
};
const forename = ["forename", "firstname", "preferredforename", "givenname", "legalforename"];
const surname = ["surname", "lastname", "familyname", "preferredsurname", "legalsurname"];

export interface Read {
  rows: RosterRow[];
  faults: string[]; // what was not taken, in words; nothing is saved while this is not empty, unless the person says so
}

// readRoster reads a CSV file. What cannot be a roster at all is one fault and no rows.
export function readRoster(file: Uint8Array): Read {
  const none = (fault: string): Read => ({ rows: [], faults: [fault] });
  if (file.length > maxRosterFile) return none("This file is larger than 8 MB, so it cannot be a list of a school’s accounts.");
  const raw = csvText(file);
  if (raw === null) return none("This is not a CSV file. In a spreadsheet, choose “Save as” and then “CSV”.");
  const parsed = Papa.parse<string[]>(raw, { header: false, skipEmptyLines: "greedy", newline: "\n" });
  if (parsed.errors.some((e) => e.type === "Quotes")) return none("A quotation mark in this file is never closed. Open it in a spreadsheet and save it as CSV again.");
  const [head, ...body] = parsed.data;
  if (!head || body.length === 0) return none("This file has no rows below its first line.");
  const at = locate(head);
  if (at.account < 0) return none("The first line must name a column “account” (or “username”, “login”, “email”): that is how a name is found in the filter’s log.");
  if (at.name < 0 && (at.forename < 0 || at.surname < 0)) return none("The first line must name a column “name” (or “forename” and “surname”).");
  if (body.length > maxRows) return none(`This file has ${body.length} rows. A roster can have 20,000.`);
  return take(body, at);
}

type Places = Record<keyof RosterRow | "forename" | "surname", number>;

function locate(head: string[]): Places {
  const folded = head.map((h) => h.toLowerCase().replaceAll(/[^a-z]/g, ""));
  // The order of the names counts: "account" is taken before "email", if there are both.
  const find = (names: string[]): number => {
    for (const n of names) if (folded.includes(n)) return folded.indexOf(n);
    return -1;
  };
  return {
    account: find(columns.account), name: find(columns.name), form: find(columns.form), headOfYear: find(columns.headOfYear),
    flags: find(columns.flags), forename: find(forename), surname: find(surname),
  };
}

function take(body: string[][], at: Places): Read {
  const rows: RosterRow[] = [];
  const faults: string[] = [];
  const seen = new Map<string, number>();
  body.forEach((line, i) => {
    const n = i + 2; // as a spreadsheet numbers them
    const cell = (where: number): string => (where < 0 ? "" : (line[where] ?? "").trim());
    const account = cell(at.account);
    const name = at.name >= 0 ? cell(at.name) : [cell(at.forename), cell(at.surname)].filter(Boolean).join(" ");
    const folded = foldAccount(account);
    if (folded === "" || name === "") {
      faults.push(`Row ${n} has no ${folded === "" ? "account" : "name"}.`);
      return;
    }
    if (line.some((c) => c.length > maxField)) {
      faults.push(`Row ${n} has a field of more than ${maxField} characters.`);
      return;
    }
    const before = seen.get(folded);
    if (before !== undefined) {
      faults.push(`Row ${n} has the same account as row ${before}.`);
      return;
    }
    seen.set(folded, n);
    const flags = cell(at.flags).split(/[;,|]/).map((f) => f.trim()).filter(Boolean);
    rows.push({ account, name, form: cell(at.form), headOfYear: cell(at.headOfYear), flags });
  });
  return { rows, faults };
}

// csvText decodes what spreadsheets write: UTF-8 or UTF-16 with a mark, else
// Windows-1252. It returns null for what is not text.
function csvText(file: Uint8Array): string | null {
  let s: string;
  if (file[0] === 0xff && file[1] === 0xfe) s = new TextDecoder("utf-16le").decode(file);
  else if (file[0] === 0xfe && file[1] === 0xff) s = new TextDecoder("utf-16be").decode(file);
  else {
    try {
      s = new TextDecoder("utf-8", { fatal: true }).decode(file);
    } catch {
      s = new TextDecoder("windows-1252").decode(file);
    }
  }
  // Files that were put together from others have lines that end in several ways.
  return /[\0-\x08\x0e-\x1f]/.test(s) ? null : s.replaceAll(/\r\n?/g, "\n");
}

// foldAccount spells an account as the manifest does: lower case, without DOMAIN\ and @realm.
export function foldAccount(account: string): string {
  let s = account.trim();
  s = s.slice(s.lastIndexOf("\\") + 1);
  const at = s.indexOf("@");
  return (at > 0 ? s.slice(0, at) : s).toLowerCase();
}

// finder looks accounts up as logs spell them.
export function finder(rows: RosterRow[]): (account: string) => RosterRow | undefined {
  const by = new Map(rows.map((r) => [foldAccount(r.account), r]));
  return (account) => (account === "" ? undefined : by.get(foldAccount(account)));
}

function encode(rows: RosterRow[]): Bytes {
  return fromText(JSON.stringify({
    v: 1,
    rows: rows.map((r) => ({
      account: r.account, name: r.name, ...(r.form ? { form: r.form } : {}), ...(r.headOfYear ? { head_of_year: r.headOfYear } : {}),
      ...(r.flags.length > 0 ? { flags: r.flags } : {}),
    })),
  }));
}

export function decodeRoster(doc: Uint8Array): RosterRow[] {
  const d = record(parseJSON(toText(doc)));
  if (d.v !== 1) fail("version");
  return list(d.rows, maxRows).map((v) => {
    const r = record(v);
    const t = (f: unknown): string => text(f, 10 * maxField);
    return { account: t(r.account), name: t(r.name), form: t(r.form), headOfYear: t(r.head_of_year), flags: list(r.flags, 100).map(t) };
  });
}

// loadRoster fetches and opens the roster of pupils. That is recorded, as every opening.
// newest is the file that this page has seen before: an older one is refused.
export async function loadRoster(gate: Gate, k: Key, m: Manifest, newest: ClassFile | null = null): Promise<Roster> {
  const data = await gate.file("roster");
  if (data.length === 0) {
    if (newest) fail("missing");
    return { rows: [], file: null };
  }
  const f = parseClassFile(data);
  if (f.kind !== "roster" || f.class !== "P") fail("foreign");
  verifyClassFile(newest, f, k.school, fileAuthors(m));
  const box = await gate.share(shareRequest(k.signing, { envelope: f.id, part: "what", person: k.person, at: gate.now(), purpose: "triage" }));
  return { rows: decodeRoster(await openClassFile(f, k.identity, await decrypt(box, k.identity))), file: f };
}

// saveRoster seals rows to everybody who reads about pupils, as the file after current.
export async function saveRoster(gate: Gate, k: Key, m: Manifest, current: ClassFile | null, rows: RosterRow[]): Promise<ClassFile> {
  const doc = encode(rows);
  try {
    const { file, shares } = await sealClassFile(k.signing, {
      kind: "roster", class: "P", school: k.school, manifest: m.hash, prev: current, to: fileReaders(m, "P"), vault: m.vault,
    }, doc);
    await gate.putFile(file, shares);
    return parseClassFile(file);
  } finally {
    doc.fill(0);
  }
}
