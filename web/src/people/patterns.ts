// SPDX-License-Identifier: Apache-2.0

// What accounts look like, learnt from examples: "21jsmith" is two digits, then letters.
// Patterns are RE2 and match whole accounts in lower case; what is made here is alike in
// RE2 and in this browser.

import { foldAccount } from "../roster.ts";
import { number } from "../tell.ts";

type Kind = "digits" | "letters" | "mark";

interface Run {
  kind: Kind;
  text: string;
}

function runs(account: string): Run[] | null {
  const out: Run[] = [];
  for (const c of account) {
    const kind: Kind = /\d/.test(c) && /[0-9]/.test(c) ? "digits" : /[a-z]/.test(c) ? "letters" : "mark";
    if (kind === "mark" && !/[._'+~-]/.test(c)) return null;
    const last = out.at(-1);
    if (last && last.kind === kind && kind !== "mark") last.text += c;
    else out.push({ kind, text: c });
  }
  return out.length > 0 && out.length <= 12 ? out : null;
}

export interface Learnt {
  patterns: string[];
  fault: string; // "" or what is wrong with an example
}

// learn makes one pattern for each shape that the examples have.
export function learn(examples: string[]): Learnt {
  const shapes = new Map<string, Run[][]>();
  for (const e of examples) {
    const r = runs(foldAccount(e));
    if (!r) return { patterns: [], fault: `“${e.slice(0, 40)}” cannot be used as an example: use letters a to z, digits, and . _ - ' + ~` };
    const shape = r.map((x) => (x.kind === "mark" ? x.text : x.kind)).join(" ");
    shapes.set(shape, [...(shapes.get(shape) ?? []), r]);
  }
  return { patterns: [...shapes.values()].map(pattern), fault: "" };
}

function pattern(all: Run[][]): string {
  return all[0]!.map((run, i) => {
    const texts = all.map((r) => r[i]!.text);
    if (run.kind === "mark") return mark(run.text);
    const sizes = texts.map((t) => t.length);
    const [min, max] = [Math.min(...sizes), Math.max(...sizes)];
    if (run.kind === "digits") return `[0-9]${times(min, max)}`;
    // The same letters in every one of several examples are part of the pattern: "st.jlang".
    if (new Set(all.map((r) => r.map((x) => x.text).join(""))).size > 1 && new Set(texts).size === 1) return run.text;
    return max === 1 ? "[a-z]" : "[a-z]+";
  }).join("");
}

function times(min: number, max: number): string {
  return min !== max ? `{${min},${max}}` : min === 1 ? "" : `{${min}}`;
}

function mark(c: string): string {
  return c === "." || c === "+" ? "\\" + c : c;
}

const marks: Record<string, string> = { "\\.": "a full stop", "\\+": "a plus sign", _: "an underscore", "-": "a hyphen", "'": "an apostrophe", "~": "a tilde" };

// inWords says a pattern as a person would; null where it is not one of ours.
export function inWords(p: string): string | null {
  const out: string[] = [];
  const part = /\[0-9\](?:\{(\d+)(?:,(\d+))?\})?|\[a-z\]\+|\[a-z\]|\\[.+]|[_'~-]|[a-z]+/y;
  while (part.lastIndex < p.length) {
    const m = part.exec(p);
    if (!m) return null;
    const t = m[0];
    if (t.startsWith("[0-9]")) out.push(m[2] ? `${number(Number(m[1]))} to ${number(Number(m[2]))} digits` : !m[1] || m[1] === "1" ? "one digit" : `${number(Number(m[1]))} digits`);
    else if (t === "[a-z]+") out.push("letters");
    else if (t === "[a-z]") out.push("one letter");
    else out.push(marks[t] ?? `“${t}”`);
  }
  return out.join(", then ");
}

export function say(p: string): string {
  return inWords(p) ?? `a rule that was written by hand: ${p}`;
}

// fits reports whether an account matches one of the patterns; null where a pattern is
// not one that this browser can try.
export function fits(patterns: string[], account: string): boolean | null {
  const folded = foldAccount(account);
  if (folded === "") return false;
  if (patterns.some((p) => inWords(p) === null)) return null;
  return patterns.some((p) => new RegExp(`^(?:${p})$`).test(folded));
}

// conflicts says which examples would be taken for the other kind.
export function conflicts(pupil: string[], staff: string[], examples: { pupil: string[]; staff: string[] }): string[] {
  const out: string[] = [];
  for (const e of examples.pupil) {
    if (fits(staff, e)) out.push(`“${e}” is a pupil’s, and looks like the accounts of staff. Sealwatch would take it for staff’s, and the safeguarding team would not see it.`);
  }
  for (const e of examples.staff) {
    if (fits(pupil, e) && !fits(staff, e)) out.push(`“${e}” is a member of staff’s, and looks like the accounts of pupils. The safeguarding team would read about a colleague.`);
  }
  return out;
}
