// SPDX-License-Identifier: Apache-2.0

// The policy in plain words, for the headteacher who approves it. It reads the few forms
// that a policy has; where it meets another it says nothing at all, and the full text is
// what there is. triage/policy decides what a policy means.

import { capital, number } from "../tell.ts";

export interface PolicyWords {
  watched: string; // categories, in words
  off: string;
  ladder: [level: string, sentence: string][];
  kept: string;
}

const names: Record<string, string> = {
  suicide: "suicide", "self-harm": "self-harm", "eating-disorder": "eating disorders", extremism: "extremism", radicalisation: "radicalisation", violence: "violence",
  weapons: "weapons", drugs: "drugs", hate: "hate", csea: "sexual exploitation", csam: "illegal images of children", "criminal-exploitation": "criminal exploitation",
  pornography: "pornography", gambling: "gambling", piracy: "piracy", hacking: "hacking", circumvention: "getting round the filter", misinformation: "misinformation",
  genai: "chat with artificial intelligence", tunnel: "hidden connections", bullying: "bullying", "domestic-abuse": "abuse at home", "honour-abuse": "honour-based abuse",
  welfare: "asking for help, and low mood",
};

const levels = ["critical", "high", "medium", "low"];

// policyWords reads a policy; null where it does not understand every line.
export function policyWords(text: string): PolicyWords | null {
  const off: string[] = [];
  const ladder = new Map<string, string[]>();
  let months = 0;
  let part = "";
  for (const line of text.split("\n").map((l) => l.replace(/\r$/, "").replace(/(^|\s)#.*$/, "").trimEnd())) {
    if (line === "" || /^(version|name): [\w-]+$/.test(line)) continue;
    const kept = /^retention_months: (\d{1,3})$/.exec(line);
    const head = /^(categories|ladder):$/.exec(line);
    const category = part === "categories" ? /^ {2}([a-z-]+): \{((?:(?:off|at_most|list): [a-z]+(?:, )?)*)\}$/.exec(line) : null;
    const rung = part === "ladder" ? /^ {2}(critical|high|medium|low): \[((?:\d+[mh](?:, )?)+)\]$/.exec(line) : null;
    if (kept) months = Number(kept[1]);
    else if (head) part = head[1]!;
    else if (category && names[category[1]!]) void (/off: true/.test(category[2]!) && off.push(names[category[1]!]!));
    else if (rung) ladder.set(rung[1]!, rung[2]!.split(", "));
    else return null;
  }
  if (months === 0 || !levels.every((l) => ladder.has(l))) return null;
  const watched = Object.values(names).filter((n) => !off.includes(n));
  return {
    watched: and(watched), off: and(off), kept: months === 12 ? "a year" : `${number(months)} ${months === 1 ? "month" : "months"}`,
    ladder: levels.map((l) => [capital(l), rungs(ladder.get(l)!)]),
  };
}

function rungs(times: string[]): string {
  const [first, ...rest] = times.map(spell);
  const next = `If nobody has opened it after ${first}, it is the next person’s turn`;
  return rest.length > 0 ? `${next}; after ${and(rest)}, the one after.` : next + ".";
}

function spell(t: string): string {
  const n = Number(t.slice(0, -1));
  if (t.endsWith("m")) return `${n} minutes`;
  if (n % 168 === 0) return `${number(n / 168)} ${n === 168 ? "week" : "weeks"}`;
  return n >= 24 && n % 24 === 0 ? `${number(n / 24)} ${n === 24 ? "day" : "days"}` : `${number(n)} ${n === 1 ? "hour" : "hours"}`;
}

function and(all: string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
