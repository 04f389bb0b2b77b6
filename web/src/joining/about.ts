// SPDX-License-Identifier: Apache-2.0

// What a school asks of somebody before they have a key: name, title, roles, where their
// notices go, and which account names are their own.

import { type Role } from "../manifest.ts";
import { type Child } from "../page/dom.ts";
import { type Check, type Choice, type Field, checkboxes, field } from "../page/kit.ts";
import { foldAccount } from "../roster.ts";

export interface About {
  name: string;
  title: string;
  roles: Role[];
  mail: string;
  accounts: string[];
}

// roleChoices says every role as what a person does.
export const roleChoices: Record<Exclude<Role, "leader">, Choice> = {
  dsl: { value: "dsl", text: "Designated Safeguarding Lead", hint: "Reads concerns about pupils, first." },
  deputy: { value: "deputy", text: "Deputy safeguarding lead", hint: "Reads concerns about pupils, as the lead does." },
  head: { value: "head", text: "Headteacher" },
  "case-manager": { value: "case-manager", text: "Case manager for concerns about staff", hint: "Reads concerns about adults who work here." },
  chair: { value: "chair", text: "Chair of governors", hint: "Reads concerns about the headteacher." },
  "vice-chair": { value: "vice-chair", text: "Vice-chair of governors", hint: "Steps in where the chair cannot." },
  external: { value: "external", text: "Somebody outside the school", hint: "Such as the local authority’s designated officer. Reads where nobody inside should." },
  technician: { value: "technician", text: "Technician", hint: "Runs the system, and reads nothing. Is here so that a concern about them reaches you, and not a colleague of theirs." },
};

const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@/;

// plainAddress reports whether the service would take it as an address for notices.
export function plainAddress(s: string): boolean {
  return s.length <= 254 && localPart.test(s) && /@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(s);
}

export function splitAccounts(typed: string): string[] {
  return [...new Set(typed.split(/[,;\n]/).map((a) => a.trim()).filter(Boolean))];
}

// accountFault says what is wrong with account names, or "". taken are those of others,
// with their owner's name.
export function accountFault(accounts: string[], taken: Map<string, string> = new Map()): string {
  if (accounts.length > 20) return "Write at most twenty account names";
  for (const a of accounts) {
    const folded = foldAccount(a);
    if (folded === "" || folded.length > 100) return `“${a.slice(0, 60)}” is not an account name`;
    const owner = taken.get(folded);
    if (owner !== undefined) return `“${a}” is the account of ${owner} already. An account can be one person’s only`;
  }
  return "";
}

export interface AboutOptions {
  roles: Choice[];
  rolesLegend: string;
  needRole: boolean;
  whose: "my" | "their";
  titleHint: string;
  value?: Partial<About>;
  taken?: () => Map<string, string>;
}

export interface AboutFields {
  elements: Child[];
  check(): Check[];
  value(): About;
}

export function aboutFields(o: AboutOptions): AboutFields {
  const mine = o.whose === "my";
  const name = field({ label: mine ? "Your name" : "Their name", hint: "As colleagues say it, such as Mrs Ama Okafor.", width: 30, value: o.value?.name ?? "" });
  const title = field({ label: mine ? "Your title" : "Their title", hint: o.titleHint, width: 30, value: o.value?.title ?? "" });
  const mail = field({
    label: mine ? "Your e-mail address for notices" : "Their e-mail address for notices", type: "email", width: 30, value: o.value?.mail ?? "",
    hint: "A notice says that something awaits you, and never what.",
  });
  const accounts = field({
    label: mine ? "Your own account names" : "Their own account names", value: (o.value?.accounts ?? []).join(", "), width: 30,
    hint: mine ? "What you sign in to school computers with, such as aokafor. With commas between. They keep you from reading about yourself."
      : "What they sign in to school computers with, with commas between. They keep them from reading about themselves. Leave empty if they have none.",
  });
  const roles: Field<string[]> | null = o.roles.length > 0 ? checkboxes({ legend: o.rolesLegend, choices: o.roles }) : null;
  roles?.set(o.value?.roles ?? []);
  const value = (): About => ({
    name: tidy(name.value()), title: tidy(title.value()), roles: (roles?.value() ?? []) as Role[], mail: mail.value().trim(), accounts: splitAccounts(accounts.value()),
  });
  return {
    elements: [name.element, title.element, roles?.element, mail.element, accounts.element],
    check: () => {
      const v = value();
      const out: Check[] = [
        { field: name, error: v.name === "" ? (mine ? "Write your name" : "Write their name") : v.name.length > 100 ? "Write a shorter name" : "" },
        { field: title, error: v.title === "" ? (mine ? "Write your title" : "Write their title") : v.title.length > 100 ? "Write a shorter title" : "" },
        { field: mail, error: plainAddress(v.mail) ? "" : "Write an e-mail address, such as office@school.example" },
        { field: accounts, error: accountFault(v.accounts, o.taken?.()) },
      ];
      if (roles) out.splice(2, 0, { field: roles, error: roleFault(v.roles, o.needRole) });
      return out;
    },
    value,
  };
}

function roleFault(roles: Role[], need: boolean): string {
  if (need && roles.length === 0) return "Choose what they are in the school";
  if (roles.includes("technician") && roles.length > 1) return "A technician can have no other role: nobody who runs the system may read";
  return "";
}

// tidy leaves out what no name has: control characters, and spaces that nobody sees.
function tidy(s: string): string {
  return s.replaceAll(/[\p{C}\u2028\u2029]/gu, " ").trim().replaceAll(/\s+/g, " ");
}
