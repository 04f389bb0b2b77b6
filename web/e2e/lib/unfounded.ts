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

// sitDown takes a founder from the link to where they compare words.
export async function sitDown(page: Page, o: { seat: "head" | "leader"; name: string; school?: string; also?: string }): Promise<Founder> {
  await fillIn(page, o);
  return { page, passphrase: await writeDown(page) };
}

// fillIn says who somebody is; with that they ask for the seat.
export async function fillIn(page: Page, o: { seat: "head" | "leader"; name: string; school?: string; also?: string }): Promise<void> {
  await page.getByRole("button", { name: "We are both here" }).click();
  await page.getByLabel(o.seat === "head" ? "The headteacher" : "The second leader").check();
  await page.getByRole("button", { name: "Continue" }).click();
  if (o.school) await page.getByLabel("The school’s name").fill(o.school);
  await page.getByLabel("Your name", { exact: true }).fill(o.name);
  await page.getByLabel("Your title").fill(o.seat === "head" ? "Headteacher" : "Deputy head");
  await page.getByLabel("Your e-mail address for notices").fill(`${o.seat}@school.example`);
  await page.getByLabel("Your own account names").fill(o.seat + "1");
  if (o.also) await page.getByLabel(o.also, { exact: true }).check();
  await page.getByRole("button", { name: "Continue" }).click();
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
  await page.getByRole("button", { name: "I have them on paper" }).click();
  await page.getByLabel("The second word").fill(all[1]!);
  await page.getByLabel("The fifth word").fill(all[4]!);
  await page.getByRole("button", { name: "Continue" }).click();
  return all.join(" ");
}

// hear types what the other reads aloud.
export async function hear(page: Page, words: string[]): Promise<void> {
  await page.getByLabel(/The six words that .* reads out/).fill(words.join(" "));
  await page.getByRole("button", { name: "Compare" }).click();
}

export async function noPasskey(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Go on without" }).click();
}

// approve is the headteacher's last part. The key that is copied by hand is the one that
// the page shows under “no printer”.
export async function approve(page: Page, leadersAccounts = ""): Promise<void> {
  for (const name of ["recovery key", "hand-over key"]) {
    await page.getByRole("heading", { name: `Put the ${name} on paper` }).waitFor();
    await page.getByText("I have no printer here").click();
    const key = (await page.locator(".sw-paperkey span").allTextContents()).join("");
    await page.getByLabel("The last six letters or digits of the key on the paper").fill(key.slice(-6));
    await page.getByRole("button", { name: "It is on paper" }).click();
  }
  await page.getByLabel(/own account names$/).fill(leadersAccounts);
  await page.getByRole("button", { name: "Approve, and found the school" }).click();
}

// found walks both to the end, and returns the school's six words as each page shows them.
export async function found(head: Page, leader: Page, also = "Designated Safeguarding Lead"): Promise<{ head: Founder; leader: Founder; words: string[][] }> {
  const h = await sitDown(head, { seat: "head", name: "Mrs Ama Okafor", school: "Brook Meadow School" });
  const l = await sitDown(leader, { seat: "leader", name: "Mr Tom Price", also });
  await head.getByRole("button", { name: "Compare" }).waitFor();
  await leader.getByRole("button", { name: "Compare" }).waitFor();
  const [heads, leaders] = [await wordsOn(head), await wordsOn(leader)];
  await hear(leader, heads);
  await hear(head, leaders);
  await noPasskey(leader);
  await noPasskey(head);
  await approve(head, "leader1");
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
