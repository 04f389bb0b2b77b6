// SPDX-License-Identifier: Apache-2.0

// Two thousand items: the pages stay quick. Figures are printed; the bounds only catch a
// page that hangs.

import assert from "node:assert/strict";
import test from "node:test";
import { launch, Person } from "./lib/browser.ts";
import { minutesAgo, press, title } from "./lib/reader.ts";
import { School } from "./lib/school.ts";
import { plea, search, squid } from "./lib/squid.ts";
import { signIn } from "./lib/unfounded.ts";

const items = 2000;

test("two thousand items", { timeout: 300_000 }, async (t) => {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    const lines: string[] = [];
    for (let i = 0; i < items; i++) lines.push(squid({ at: minutesAgo(30), user: `p${i}`, client: `10.20.${i >> 8}.${i & 255}`, url: search(plea) }));
    school.write(lines.join(""));
    await school.waitFor("dsl", items);

    const p = await Person.at(browser, school.url);
    const { page } = p;
    // The longest that the page did not answer, in milliseconds.
    await page.evaluate(() => {
      const w = window as unknown as { longest: number };
      w.longest = 0;
      new PerformanceObserver((l) => l.getEntries().forEach((e) => (w.longest = Math.max(w.longest, e.duration)))).observe({ type: "longtask", buffered: true });
    });
    const longest = async (): Promise<number> => page.evaluate(() => {
      const w = window as unknown as { longest: number };
      const was = w.longest;
      w.longest = 0;
      return was;
    });
    const timed = async (what: string, atMost: number, work: () => Promise<unknown>): Promise<void> => {
      const from = performance.now();
      await work();
      const took = performance.now() - from;
      t.diagnostic(`${what}: ${took.toFixed(0)} ms, longest pause ${(await longest()).toFixed(0)} ms`);
      assert.ok(took < atMost, `${what} took ${took.toFixed(0)} ms`);
    };
    await signIn(page, "dsl", school.passphrase("dsl"));
    await title(page, "Your list");
    await timed("first rows after signing in", 10_000, () => page.locator(".sw-row").first().waitFor());
    await timed("all labels read and proved", 60_000, () => page.getByText(/^2,?000 items are waiting/).waitFor({ timeout: 60_000 }));
    await timed("25 more rows", 3000, async () => {
      const before = await page.locator(".sw-row").count();
      await page.getByRole("button", { name: /^Show 25 more/ }).click();
      await page.locator(".sw-row").nth(before).waitFor();
    });
    await timed("an item opens", 5000, async () => {
      await page.locator(".sw-row").first().getByRole("button", { name: /^Open/ }).click();
      await page.getByRole("heading", { name: "Do this now" }).waitFor();
    });
    await timed("back to the list", 5000, async () => {
      await press(page, "Your list");
      await page.locator(".sw-row").first().waitFor();
    });
    await timed("looked again", 30_000, async () => {
      await press(page, "Look again now");
      await page.getByText(/^Read today/).first().waitFor();
    });
    await p.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});
