// SPDX-License-Identifier: Apache-2.0

// What an invitation's link says when it leads no further, and roles in words.

import { type Manifest, type Role, roleNames } from "../manifest.ts";
import { button, buttons, heading, para } from "../page/kit.ts";
import { type View } from "../page/shell.ts";
import { screen } from "../tell.ts";
import { endPage } from "./waiting.ts";

export const step = (n: number): string => `Step ${n} of 4`;

export function ended(): View {
  return endPage("This invitation has ended", "Its time is over, or the headteacher ended it, or sent you a newer one.",
    "Look whether you have a newer link. If not, ask the headteacher for one.");
}

export function used(): View {
  return endPage("A key was made with this link already", "If it was you, and the other window is still open, go back to it: the headteacher needs the six words that it shows.",
    "If you closed it before the headteacher typed the words, ask them to end this invitation and send you a new one. This page cannot show the words again: only the window that made the key knows that it is yours.",
    "If it was not you, ring the headteacher now. Somebody may have wanted to join in your place.");
}

export function admittedBefore(m: Manifest): View {
  return {
    title: "You have joined",
    body: [heading("You have joined already"), para(`The headteacher of ${screen(m.school.name)} has admitted you, and this link is of no use any more. Sign in with the six words on your sheet.`),
      buttons(button("Sign in", () => location.assign("/")))],
  };
}

export function rolesInWords(roles: string[]): string {
  return roles.map((r) => roleNames[r as Role] ?? r).join(", ");
}
