// SPDX-License-Identifier: Apache-2.0

// Who may read which class: the table of internal/people, which decides. A test compares
// the two.

import { type Bytes, fromBase64, list, record } from "./bytes.ts";
import { type Manifest, type Person, type Role } from "./manifest.ts";
import { type Class } from "./seal/classfile.ts";

const table: Record<Class, { rungs: Role[][]; never: Role[] }> = {
  P: { rungs: [["dsl", "deputy"], ["head"], ["chair"]], never: [] },
  S: { rungs: [["head", "case-manager"], ["chair"]], never: ["dsl", "deputy"] },
  D: { rungs: [["head"], ["chair"], ["external"]], never: ["dsl", "deputy"] },
  H: { rungs: [["chair"], ["vice-chair", "external"]], never: ["head", "dsl", "deputy"] },
  T: { rungs: [["head", "leader"], ["chair"], ["external"]], never: [] },
};

const lastResort: Role[] = ["chair", "external", "vice-chair", "leader"];

// rungs are the people who may read a class, in the order in which it is their turn.
export function rungs(m: Pick<Manifest, "people">, class_: Class): Person[][] {
  const row = table[class_];
  const taken = new Set<string>();
  const out: Person[][] = [];
  const add = (roles: Role[], never: Role[]): void => {
    const all: Person[] = [];
    for (const r of roles) {
      for (const p of m.people) {
        if (!p.roles.includes(r) || taken.has(p.id) || p.roles.includes("technician") || barred(p, never)) continue;
        taken.add(p.id);
        all.push(p);
      }
    }
    if (all.length > 0) out.push(all);
  };
  for (const roles of row.rungs) add(roles, row.never);
  for (const role of lastResort) if (out.length === 0) add([role], row.never);
  // A second leader reads if nobody else is left, whatever else they are.
  if (out.length === 0) add(["leader"], []);
  return out;
}

// barred: a headteacher who is in the safeguarding team too is barred as the headteacher
// or not at all.
function barred(p: Person, never: Role[]): boolean {
  if (p.roles.includes("head")) return never.includes("head");
  return never.some((r) => p.roles.includes(r));
}

// fileReaders are the keys that a file of the class is locked to: everybody who may read
// it, and the recovery key.
export function fileReaders(m: Manifest, class_: Class): string[] {
  return [...rungs(m, class_).flat().map((p) => p.recipient), m.recovery];
}

const authors: Role[] = ["dsl", "deputy", "head"];

// mayWrite says whether somebody may replace the files of the school's classes.
export function mayWrite(p: Person): boolean {
  return p.roles.some((r) => authors.includes(r));
}

// fileAuthors are the keys whose signatures hold on a class file: those of authors, and
// of people who have left. The gate takes new files from the first only.
export function fileAuthors(m: Manifest): Bytes[] {
  const former = list(m.document.former, 10_000).map((p) => record(p).verify);
  return [...m.people.filter(mayWrite).map((p) => p.verify), ...former].map(fromBase64);
}

// alwaysFirst reports whether somebody reads every class that they read at once. Running
// numbers are given to those too whose turn comes later or never: only for a person who
// always reads first is a gap a fault.
export function alwaysFirst(m: Pick<Manifest, "people">, person: string): boolean {
  return (Object.keys(table) as Class[]).every((c) => !rungs(m, c).slice(1).flat().some((p) => p.id === person));
}
