// SPDX-License-Identifier: Apache-2.0

// Roles as people say them, and the little that all pages of joining say alike.

import { type Role } from "../manifest.ts";
import { type Choice } from "../page/kit.ts";

export const roleChoices: (Choice & { value: Role })[] = [
  { value: "dsl", text: "Designated Safeguarding Lead", hint: "Reads concerns about pupils at once." },
  { value: "deputy", text: "Deputy safeguarding lead", hint: "Reads concerns about pupils at once, too." },
  { value: "leader", text: "Second leader", hint: "Leads the school together with the headteacher. Reads concerns about technicians." },
  { value: "case-manager", text: "Case manager for staff concerns", hint: "Reads concerns about staff, with the headteacher." },
  { value: "chair", text: "Chair of governors", hint: "Reads what concerns the headteacher, and what others left unread." },
  { value: "vice-chair", text: "Vice-chair of governors", hint: "Takes the chair’s place." },
  { value: "external", text: "Somebody outside the school", hint: "For example at the local authority or the trust." },
  { value: "technician", text: "Technician", hint: "Looks after Sealwatch. Reads nothing, and can have no other role." },
];

const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", day: "numeric", month: "long", year: "numeric" });

export function day(d: Date): string {
  return dayFormat.format(d);
}

// goodMail is the form that the manifest takes.
export function goodMail(s: string): boolean {
  return s === "" || /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+\.[^\s@<>"(),;:\\]+$/.test(s);
}

// lines are what was written one a line, without what is empty.
export function lines(s: string): string[] {
  return [...new Set(s.split(/[\n,;]/).map((l) => l.trim()).filter(Boolean))];
}
