// SPDX-License-Identifier: Apache-2.0

// How long a person takes for a walk, counted from the pages themselves: every word that
// a page puts before them, every character that they type, every press.

import { type Page } from "playwright-core";

export interface Pace {
  pages: number;
  words: number; // put before the person, each once
  typed: number; // characters
  presses: number;
  aloud: number; // words read to somebody, or heard
  sheets: number; // of paper
}

interface Counted {
  sw: { lines: string[]; pages: number; typed: number; presses: number };
}

// watchPace begins to count; it stands before the page is opened.
export async function watchPace(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const c = { lines: [] as string[], pages: 0, typed: 0, presses: 0 };
    (globalThis as unknown as Counted).sw = c;
    const seen = new Set<string>();
    let heading = "";
    const read = (): void => {
      const main = document.querySelector("main");
      if (!main) return;
      const h = main.querySelector("h1")?.textContent ?? "";
      if (h !== heading) [heading, c.pages] = [h, c.pages + 1];
      // What is folded away is read by few: innerText has what is shown.
      for (const line of main.innerText.split("\n")) {
        if (seen.has(line)) continue;
        seen.add(line);
        c.lines.push(line);
      }
    };
    new MutationObserver(read).observe(document, { childList: true, subtree: true, characterData: true });
    const typed = new Map<EventTarget, number>();
    document.addEventListener("input", (e) => {
      const t = e.target as HTMLInputElement;
      const n = t.value?.length ?? 0;
      if (t.type !== "checkbox" && t.type !== "radio") c.typed += Math.max(0, n - (typed.get(t) ?? 0));
      typed.set(t, n);
    }, true);
    document.addEventListener("click", () => (c.presses += 1), true);
  });
}

export async function paceOf(page: Page, aloud: number, sheets: number): Promise<Pace> {
  const c = await page.evaluate(() => (globalThis as unknown as Counted).sw);
  const words = c.lines.join(" ").split(/\s+/).filter((w) => /\p{L}/u.test(w)).length;
  return { pages: c.pages, words, typed: c.typed, presses: c.presses, aloud, sheets };
}

export function sum(a: Pace, b: Pace): Pace {
  return { pages: a.pages + b.pages, words: a.words + b.words, typed: a.typed + b.typed, presses: a.presses + b.presses, aloud: a.aloud + b.aloud, sheets: a.sheets + b.sheets };
}

// minutes of somebody who is not quick: 180 words a minute read (adults read 238 English words
// a minute silently: Brysbaert 2019, a mean of 190 studies), 2 characters a second typed, 3
// seconds a press, 5 seconds for each word read out, heard or written down, and a minute for
// each sheet that comes from a printer.
export function minutes(p: Pace): number {
  return p.words / 180 + p.typed / 2 / 60 + (p.presses * 3) / 60 + (p.aloud * 5) / 60 + p.sheets;
}
