// SPDX-License-Identifier: Apache-2.0

// The whole way without a mouse: from signing in to a decision, with what has the focus
// always to be seen.

import assert from "node:assert/strict";
import test from "node:test";
import { type Page } from "playwright-core";
import { Person, launch } from "./lib/browser.ts";
import { cry, title } from "./lib/reader.ts";
import { School } from "./lib/school.ts";

const most = 80; // presses of Tab that anybody should need on one page

interface Focus {
  name: string;
  tag: string;
  seen: boolean; // whether an outline, a ring or another ground marks it
  inView: boolean;
}

function focused(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const e = document.activeElement as HTMLElement;
    // A radio's mark is drawn on its label.
    const marks = [e, e.nextElementSibling].filter((x): x is HTMLElement => x instanceof HTMLElement).flatMap((x) => [getComputedStyle(x), getComputedStyle(x, "::before")]);
    const seen = marks.some((s) => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none");
    const r = e.getBoundingClientRect();
    const label = (e as HTMLInputElement).labels?.[0]?.textContent ?? e.textContent ?? "";
    return { name: label.trim(), tag: e.tagName, seen, inView: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth };
  });
}

// tabTo presses Tab until what has the focus is called so.
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const way: string[] = [];
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const f = await focused(page);
    if (f.tag === "BODY") continue;
    assert.ok(f.seen, `nothing shows that “${f.name}” has the focus`);
    assert.ok(f.inView, `“${f.name}” has the focus and is out of sight`);
    if (typeof name === "string" ? f.name === name : name.test(f.name)) return;
    way.push(f.name.slice(0, 30));
  }
  assert.fail(`${String(name)} cannot be reached; passed ${way.join(", ")}`);
}

async function heading(page: Page, name: string | RegExp): Promise<void> {
  await title(page, name);
  assert.equal((await focused(page)).tag, "H1", "the focus does not go to the new page's heading");
}

test("from signing in to a decision without a mouse, on a phone's width too", async () => {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    for (const viewport of [{ width: 1200, height: 900 }, { width: 360, height: 740 }]) {
      cry(school, `21jsmith${viewport.width}`);
      await school.waitFor("dsl", viewport.width === 1200 ? 1 : 2);
      const p = await Person.at(browser, school.url, { viewport });
      const { page } = p;
      await page.getByLabel("Your name in Sealwatch").waitFor();
      await tabTo(page, "Your name in Sealwatch");
      await page.keyboard.type("dsl");
      await tabTo(page, "Your passphrase");
      await page.keyboard.type(school.passphrase("dsl"));
      await page.keyboard.press("Enter");
      await heading(page, "Your list");
      await page.locator(".sw-row").first().waitFor();
      await tabTo(page, /^Open/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Do this now" }).waitFor();
      await heading(page, /^A pupil account/);
      await tabTo(page, "Show the words");
      await page.keyboard.press("Space");
      await page.locator(".sw-said").waitFor();
      assert.equal((await focused(page)).name, "Hide the words", "the focus is lost when the words are shown");
      await tabTo(page, "With an adult they trust");
      await page.keyboard.press("Space");
      await page.getByText("Put into your record below.").waitFor();
      await tabTo(page, "Show who this is");
      await page.keyboard.press("Enter");
      await page.getByText(/^21jsmith\d+$/).first().waitFor();
      assert.equal((await focused(page)).name, "Who");
      await tabTo(page, "Write what you did");
      await page.keyboard.press("Control+End");
      await page.keyboard.type("She is with the nurse.");
      await tabTo(page, "Nothing yet. It stays open.");
      await page.keyboard.press("ArrowDown");
      assert.notEqual((await focused(page)).name, "Nothing yet. It stays open.");
      await tabTo(page, "Save your record");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Your decision is saved" }).waitFor({ timeout: 30_000 });
      await page.waitForFunction(() => document.activeElement?.textContent === "Your decision is saved");
      await tabTo(page, "Undo");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.textContent === "It is open again");
      await tabTo(page, "Your list");
      await page.keyboard.press("Enter");
      await heading(page, "Your list");
      await tabTo(page, "Sign out");
      await page.keyboard.press("Enter");
      await page.getByLabel("Your passphrase").waitFor();
      await p.leave();
    }
  } finally {
    await browser.close();
    await school.stop();
  }
});
