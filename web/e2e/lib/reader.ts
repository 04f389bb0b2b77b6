// SPDX-License-Identifier: Apache-2.0

// What a reader does at the pages, by what the pages say.

import { mkdirSync } from "node:fs";
import { type Browser, type Page } from "playwright-core";
import { accessible, noSideways } from "./axe.ts";
import { Person } from "./browser.ts";
import { type Name, type School } from "./school.ts";
import { type Line, plea, search, squid } from "./squid.ts";
import { signIn } from "./unfounded.ts";

export const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("button", { name, exact: typeof name === "string" }).click();
export const title = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("heading", { name, level: 1 }).waitFor({ timeout: 30_000 });

// enter signs somebody in by the words on their sheet.
export async function enter(browser: Browser, school: School, name: Name, more: Parameters<typeof Person.at>[2] = {}): Promise<Person> {
  const p = await Person.at(browser, school.url, more);
  await signIn(p.page, name, school.passphrase(name));
  await title(p.page, "Your list");
  return p;
}

// open opens the row that holds the text, or the first.
export async function open(page: Page, holds: string | RegExp = ""): Promise<void> {
  await page.locator(".sw-row").filter({ hasText: holds }).first().getByRole("button", { name: /^Open/ }).click();
  await page.getByRole("heading", { name: "Do this now" }).waitFor({ timeout: 30_000 });
}

// shown is what somebody at the page can read.
export function shown(page: Page): Promise<string> {
  return page.evaluate(() => document.body.innerText);
}

// everything is what the page holds, shown or not: its elements, their attributes, what was
// typed, what is stored, and the addresses of its history that it can see.
export function everything(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const typed = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")].map((e) => (e.type === "file" ? "" : e.value));
    if (location.protocol === "about:") return document.documentElement.outerHTML; // it has no storage
    const stored = [localStorage, sessionStorage].flatMap((s) => Object.entries(s).flat());
    const bases = await indexedDB.databases();
    return [document.documentElement.outerHTML, document.title, location.href, JSON.stringify(history.state), ...typed, ...stored, JSON.stringify(bases), document.cookie].join("\n");
  });
}

// look checks a page as everybody must be able to use it, at a desk and on a phone. With
// SEALWATCH_SHOTS it leaves a picture of it there.
export async function look(page: Page, where: string): Promise<void> {
  await accessible(page, where);
  const size = page.viewportSize()!;
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await noSideways(page, `${where} at ${width}`);
    const dir = process.env.SEALWATCH_SHOTS;
    if (!dir) continue;
    mkdirSync(dir, { recursive: true });
    await page.screenshot({ path: `${dir}/${where.replaceAll(/[^a-z0-9]+/gi, "-")}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize(size);
}

// minutesAgo is a time that a log can hold and a list calls today's.
export function minutesAgo(n: number): Date {
  return new Date(Date.now() - n * 60_000);
}

// cry writes a pupil's search that becomes a critical item, with what else the line holds.
export function cry(school: School, user: string, more: Partial<Line> = {}): void {
  school.write(squid({ at: minutesAgo(3), user, url: search(plea), ...more }));
}
