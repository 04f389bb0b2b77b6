// SPDX-License-Identifier: Apache-2.0

// What anybody may know of the school before they sign in: its name, whether monitoring
// runs, and if not, who has to do what.

import { type SchoolState } from "../gate.ts";
import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, details, inset, para, section, trouble } from "../page/kit.ts";
import { capital, count, number, screen } from "../tell.ts";

export interface Notice {
  notice: Child;
  canSignIn: boolean; // there are people with keys
}

export async function schoolNotice(app: App): Promise<Notice> {
  let s: SchoolState;
  try {
    s = await app.gate.school();
  } catch (e) {
    return { notice: trouble(sentence(e)), canSignIn: true };
  }
  app.shell.setFrame({ school: screen(s.school.name), demo: s.school.demo });
  return { notice: notStarted(s), canSignIn: s.stage !== "waiting" && s.stage !== "founding" };
}

// notStarted says who has to do what before monitoring starts; null once it runs.
export function notStarted(s: SchoolState): Child {
  if (s.stage === "monitoring") return null;
  const people = new Set(s.missing.map((m) => m.who).filter(Boolean)).size;
  const who = people > 0 ? `${capital(number(people))} ${people === 1 ? "person has" : "people have"} to do something` : s.missing.length > 0 ? `${capital(count(s.missing.length, "thing is", "things are"))} still to be done` : "";
  return [
    inset(h("strong", {}, "Monitoring has not started."), who ? ` ${who}:` : " What is still missing is said on the page of whoever looks after Sealwatch.",
      s.missing.length > 0 ? bullets(s.missing.map((m) => [m.who ? [h("strong", {}, screen(m.who)), " — "] : null, screen(m.say)])) : null),
    s.stage === "waiting" || s.stage === "founding" ? para("Nobody can sign in yet. The headteacher and a second leader open the link that they were given, each on their own device.") : null,
    s.rehearsal.length > 0 ? [section("Meanwhile, a rehearsal"), para("What the filter sends is counted and not kept:"), bullets(s.rehearsal.map(screen))] : null,
  ];
}

// amber says what is not as it should be while monitoring runs.
export function amber(s: SchoolState): Child {
  if (s.missing.length === 0) return null;
  return details(`What Sealwatch does not watch now, or still needs (${s.missing.length})`,
    bullets(s.missing.map((m) => [m.who ? [h("strong", {}, screen(m.who)), " — "] : null, screen(m.say)])));
}
