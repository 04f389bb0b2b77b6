// SPDX-License-Identifier: Apache-2.0

// Who reads what, in words, and what a school would lack without somebody. The gate and
// internal/people decide; this says it before somebody signs.

import { type Manifest, type Person, type Role } from "../manifest.ts";
import { rungs } from "../recipients.ts";
import { type Class } from "../seal/classfile.ts";

type People = Pick<Manifest, "people">;

export const concerns: Record<Class, string> = {
  P: "Concerns about pupils", S: "Concerns about staff", D: "Concerns about the safeguarding team", H: "Concerns about the headteacher", T: "Concerns about technicians",
};

const classes = Object.keys(concerns) as Class[];

// readsOf says what somebody reads, a sentence for each kind of concern.
export function readsOf(m: People, p: Person): string[] {
  const out: string[] = [];
  for (const c of classes) {
    const i = rungs(m, c).findIndex((r) => r.some((q) => q.id === p.id));
    if (i === 0) out.push(`${concerns[c]}, at once.`);
    else if (i > 0) out.push(`${concerns[c]}, if nobody before them has looked in time.`);
  }
  return out.length > 0 ? out : [p.roles.includes("technician") ? "Nothing. Technicians read nothing." : "Nothing at the moment."];
}

export interface Reading {
  what: string;
  first: string[];
  then: string[];
}

// whoReads is the same the other way round.
export function whoReads(m: People): Reading[] {
  return classes.map((c) => {
    const [first, ...rest] = rungs(m, c);
    return { what: concerns[c], first: (first ?? []).map((p) => p.name), then: rest.flat().map((p) => p.name) };
  });
}

const second: Role[] = ["leader", "chair", "vice-chair", "external"];

// lacking says what would be missing in a school of these people. stops are what no
// manifest may lack; halts are what monitoring does not run without.
export function lacking(people: Person[]): { stops: string[]; halts: string[] } {
  const has = (r: Role): boolean => people.some((p) => p.roles.includes(r));
  const stops: string[] = [];
  const halts: string[] = [];
  if (!people.some((p) => !p.roles.includes("head") && p.roles.some((r) => second.includes(r)))) stops.push("There would be no second leader beside the headteacher. Invite another second leader or the chair of governors first.");
  if (!has("dsl")) halts.push("There would be no safeguarding lead.");
  if (rungs({ people }, "P").flat().length < 2) halts.push("Fewer than two people could read a concern about a pupil.");
  return { stops, halts };
}
