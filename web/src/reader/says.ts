// SPDX-License-Identifier: Apache-2.0

// Sentences that the page and the record for the child's file have in common.

import { type Label } from "../seal/label.ts";
import * as tell from "../tell.ts";

// limit is what the record cannot carry, where somebody decides on it.
export function limit(l: Label): string {
  switch (l.attribution) {
    case "A":
      return "The log says which account it was. It cannot see who sat there.";
    case "D":
      return "The log names nobody. Do not approach a named pupil on this alone.";
  }
  return "The log says which account it was, not who sat there. Ask who used it then, before you speak to anyone.";
}

export function outcomeText(code: string): string {
  return tell.outcomes[code] ?? `An outcome that this program has no words for (${tell.screen(code)}).`;
}

// noteText is what a colleague wrote: their lines stay, an address in it becomes no link.
export function noteText(text: string): string {
  return text.split(/\r?\n/).map(tell.defangWords).join("\n");
}
