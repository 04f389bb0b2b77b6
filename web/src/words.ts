// SPDX-License-Identifier: Apache-2.0

// Words for people: passphrases, and what two people read to each other by voice. The
// list is the EFF's large one of 7,776 words: six of them are 77.5 bits.

import words from "./gen/words.json";
import { fromText } from "./bytes.ts";
import { sha256 } from "./seal/sign.ts";

const size = 7776n;
const count = 6;

// wordsOf turns a hash into six words, for one purpose. docs/formats.md, Words.
export function wordsOf(domain: "head" | "leader" | "school" | "person", hash: Uint8Array): string[] {
  let n = 0n;
  for (const b of sha256(fromText(`sealwatch/words/v1\n${domain}\n`), hash)) n = (n << 8n) | BigInt(b);
  const out: string[] = [];
  for (let i = 0; i < count; i++) {
    out.push(words[Number(n % size)]!);
    n /= size;
  }
  return out;
}

// passphrase draws six words, each alike likely.
export function passphrase(): string {
  const out: string[] = [];
  const limit = Math.floor(0x1_0000_0000 / words.length) * words.length;
  while (out.length < count) {
    const n = crypto.getRandomValues(new Uint32Array(1))[0]!;
    if (n < limit) out.push(words[n % words.length]!);
  }
  return out.join(" ");
}

// fold forgives what people do to words when they type them: capitals, more than one
// space, full stops and commas between.
export function fold(typed: string): string {
  return typed.toLowerCase().replaceAll(/[.,;]/g, " ").trim().split(/\s+/).join(" ");
}

// sameWords compares what was typed with what was to be typed.
export function sameWords(typed: string, want: string[]): boolean {
  return fold(typed) === want.join(" ");
}

// known reports whether a word is in the list, so that a slip is seen while typing.
export function known(word: string): boolean {
  return all.has(word.toLowerCase());
}

const all = /* @__PURE__ */ new Set(words);

