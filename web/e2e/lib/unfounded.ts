// SPDX-License-Identifier: Apache-2.0

// A school that nobody has founded yet, as sealwatch init leaves it, and the walk of
// those who found it. What they do, they do as people: by what a page says.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Page } from "playwright-core";
import { School, temporary } from "./school.ts";
import { must, sealwatch } from "./programs.ts";

export interface Founder {
  page: Page;
  passphrase: string;
}

export class Unfounded extends School {
  static make(): Unfounded {
    const dir = join(temporary(), "school");
    const log = join(temporary(), "access.log");
    writeFileSync(log, "");
    must(sealwatch, ["init", "--dir", dir, "--log", log, "--yes"]);
    const s = new Unfounded(dir);
    s.filterLog = log;
    const yaml = readFileSync(s.config, "utf8");
    writeFileSync(s.config, yaml.replace(/listen: *\S+/, "listen: 127.0.0.1:0"));
    return s;
  }

  filterLog = "";

  // token makes a founding link and returns what stands behind its #.
  token(): string {
    const said = must(sealwatch, ["link", "-c", this.config]);
    const m = /#([A-Za-z0-9_-]+)/.exec(said);
    if (!m) throw new Error("no link in: " + said);
    return m[1]!;
  }

  override write(text: string): void {
    appendFileSync(this.filterLog, text);
  }
}

// sitDown takes a founder from the link to where they wait for the other.
export async function sitDown(page: Page, o: { seat: "head" | "leader"; name: string; school?: string; also?: string }): Promise<Founder> {
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByLabel(o.seat === "head" ? "The headteacher" : "The second leader").check();
  await page.getByRole("button", { name: "Go on" }).click();
  if (o.school) await page.getByLabel("The name of your school").fill(o.school);
  await page.getByLabel("Your name", { exact: true }).fill(o.name);
  if (o.seat === "leader") await page.getByLabel("What you are called at school").fill("Deputy head");
  if (o.also) await page.getByLabel(o.also, { exact: true }).check();
  await page.getByRole("button", { name: "Make my key" }).click();
  const passphrase = await writeDown(page);
  return { page, passphrase };
}

// wordsOn are the words that a page shows to be read aloud.
export async function wordsOn(page: Page): Promise<string[]> {
  await page.locator(".sw-words").waitFor();
  return page.locator(".sw-words li").allTextContents();
}

// writeDown copies the passphrase by hand and shows that it is on paper.
export async function writeDown(page: Page): Promise<string> {
  await page.getByRole("heading", { name: "Your six words" }).waitFor();
  const all = await wordsOn(page);
  await page.getByRole("button", { name: "They are on paper" }).click();
  await page.getByLabel("Your second word").fill(all[1]!);
  await page.getByLabel("Your fifth word").fill(all[4]!);
  await page.getByRole("button", { name: "Go on" }).click();
  return all.join(" ");
}

// hear types what the other reads aloud.
export async function hear(page: Page, words: string[]): Promise<void> {
  await page.getByLabel(/The six words that .* reads to you/).fill(words.join(" "));
  await page.getByRole("button", { name: "These are the words I heard" }).click();
}

export async function noPasskey(page: Page): Promise<void> {
  await page.getByRole("button", { name: "No, my words are enough" }).click();
}

// approve is the headteacher's last part.
export async function approve(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "Two keys for the safe" }).waitFor();
  await page.getByLabel("The recovery key is on paper").check();
  await page.getByLabel("The hand-over key is on paper").check();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "I approve and sign" }).click();
}

// found walks both to the end, and returns the school's six words as each page shows them.
export async function found(head: Page, leader: Page, also = "Designated Safeguarding Lead"): Promise<{ head: Founder; leader: Founder; words: string[][] }> {
  const h = await sitDown(head, { seat: "head", name: "Mrs Ama Okafor", school: "Brook Meadow School" });
  const l = await sitDown(leader, { seat: "leader", name: "Mr Tom Price", also });
  await head.getByRole("heading", { name: "Read six words to each other" }).waitFor();
  await leader.getByRole("heading", { name: "Read six words to each other" }).waitFor();
  const [heads, leaders] = [await wordsOn(head), await wordsOn(leader)];
  await hear(leader, heads);
  await hear(head, leaders);
  await noPasskey(leader);
  await noPasskey(head);
  await approve(head);
  const words = [];
  for (const page of [head, leader]) {
    await page.getByRole("heading", { name: "Your school is founded" }).waitFor({ timeout: 60_000 });
    words.push(await wordsOn(page));
  }
  return { head: h, leader: l, words };
}

// signIn is by the words on one's sheet.
export async function signIn(page: Page, name: string, passphrase: string): Promise<void> {
  await page.getByLabel("Your name in Sealwatch").fill(name);
  await page.getByLabel("Your passphrase").fill(passphrase);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
