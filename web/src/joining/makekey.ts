// SPDX-License-Identifier: Apache-2.0

// The steps in which somebody gets a key: six words that the browser draws, on paper,
// and two of them typed back. The words are shown here and nowhere else.

import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { bullets, button, buttons, details, field, form, heading, link, para, warning, words } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { fold, known } from "../words.ts";
import { type PersonalSheet, personalSheet, whatITMustNot } from "./sheet.ts";

// stepHeading is a page's heading with the step above it; it is read out with it.
export function stepHeading(step: string, text: string): Child {
  return heading([step ? h("span", { class: "govuk-caption-l" }, step) : null, text]);
}

export interface MakeKey {
  step: string; // "Step 3 of 6"; "" where nobody counts
  sheet: () => PersonalSheet;
  done: () => void | Promise<void>;
}

// asked are the words that are typed back: the second and the fifth.
const asked = [2, 5];

// showWords shows the six words and prints the sheet.
export function showWords(app: App, o: MakeKey): Open {
  return () => {
    const s = o.sheet();
    return {
      title: (o.step ? o.step + ": " : "") + "Your six words",
      body: [
        stepHeading(o.step, "Your six words"),
        para("Your browser has made a key for you. These six words open it, on this device and on any other."),
        words(s.passphrase.split(" ")),
        para(h("strong", {}, whatITMustNot)),
        para("Put them on paper now."),
        buttons(button("Print my sheet", () => app.shell.print(personalSheet(s)), "secondary")),
        details("I have no printer here", para("Write the six words on paper by hand, in this order, and also:"),
          bullets([`the address: ${s.address}`, `your name in Sealwatch: ${s.id}`]),
          para("Do not take a photograph. Photographs are copied to places that you do not see.")),
        warning("Nobody can show you these words again, not even the people who run the server."),
        buttons(button("I have them on paper", () => app.shell.begin(typeBack(app, o)))),
      ],
    };
  };
}

function typeBack(app: App, o: MakeKey): Open {
  return () => {
    const all = o.sheet().passphrase.split(" ");
    const names: Record<number, string> = { 2: "The second word", 5: "The fifth word" };
    const fields = asked.map((n) => ({ n, f: field({ label: names[n]!, width: 20 }) }));
    const f = form({
      fields: fields.map((x) => x.f.element), send: "Continue",
      check: () => fields.map(({ n, f }) => ({ field: f, error: wordFault(f.value(), all[n - 1]!) })),
      sent: () => o.done(),
    });
    return {
      title: (o.step ? o.step + ": " : "") + "Read from your paper",
      body: [
        stepHeading(o.step, "Read from your paper"),
        para("Take your sheet and type two of the words."),
        f.element, para(link("Show me the six words again", () => app.shell.begin(showWords(app, o)))),
      ],
    };
  };
}

function wordFault(typed: string, want: string): string {
  const t = fold(typed);
  if (t === want) return "";
  if (t === "") return "Type the word";
  return known(t) ? "That is not the word in this place. Count from the top of your sheet" : "That is none of the words. Look at the spelling on your sheet";
}

// holdOn warns before the page is left while what it holds exists nowhere else. It
// returns what ends that.
export function holdOn(): () => void {
  const ask = (e: BeforeUnloadEvent): void => e.preventDefault();
  window.addEventListener("beforeunload", ask);
  return () => window.removeEventListener("beforeunload", ask);
}
