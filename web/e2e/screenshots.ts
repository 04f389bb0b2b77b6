// SPDX-License-Identifier: Apache-2.0

// Makes the pictures of README and docs, from the demonstration school and a school that
// is founded for it. Everybody in them is invented.

import { statSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Page } from "playwright-core";
import { launch, Person } from "./lib/browser.ts";
import { root } from "./lib/programs.ts";
import { cry, enter, minutesAgo, open, press, title } from "./lib/reader.ts";
import { School, makeTemplate } from "./lib/school.ts";
import { plea, search, squid } from "./lib/squid.ts";
import { Unfounded, approve, hear, noPasskey, signIn, sitDown, wordsOn } from "./lib/unfounded.ts";

const dir = join(root, "docs/pictures");
const most = 200_000; // bytes of a picture

// wide is a desk's window; the height is what a picture needs.
async function shoot(page: Page, name: string, height: number, width = 1100): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(200);
  const path = join(dir, name + ".png");
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${name}.png ${size} bytes`);
  if (size > most) throw new Error(`${name}.png is larger than ${most} bytes`);
}

const names = `account,name,form,head of year,flags
21jsmith,"Smith, Jo",9B,Mr Lang,young carer
22akhan,"Khan, Aisha",8A,Ms Rae,
20tbrown,"Brown, Tom",10C,Ms Ito,SEN
`;

async function reading(): Promise<void> {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    for (const [m, more] of [[66, ""], [64, " and nobody knows"], [63, " because of everything"], [61, " please help"]] as const) {
      cry(school, "21jsmith", { at: minutesAgo(m), url: search(plea + more) });
    }
    school.write(squid({ at: minutesAgo(150), user: "22akhan", url: search("how to make myself sick after eating") }));
    school.write(squid({ at: minutesAgo(95), user: "20tbrown", url: search("how to bypass the school filter with a vpn") }));
    school.write(squid({ at: minutesAgo(40), user: "22akhan", url: search("signs of being groomed online") }));
    school.morning(12_000, 7);
    await school.waitFor("dsl", 2);
    const dsl = await enter(browser, school, "dsl");
    const { page } = dsl;
    await press(page, "Names");
    await page.locator("input[type=file]").setInputFiles({ name: "names.csv", mimeType: "text/csv", buffer: Buffer.from(names) });
    await page.getByText("Three names were read.").waitFor();
    await shoot(page, "names", 1130);
    await press(page, "Seal and save three names");
    await page.getByText("Three names are sealed and saved.").waitFor({ timeout: 30_000 });
    await press(page, "Your list");
    await title(page, "Your list");
    await page.locator(".sw-row").nth(1).waitFor();
    await shoot(page, "list", 900);
    await open(page, "Four times");
    await shoot(page, "item", 1180);
    await shoot(page, "item-phone", 800, 390);
    await press(page, "Show the words");
    await press(page, "Show who this is");
    await page.getByText("Smith, Jo").waitFor();
    await shoot(page, "item-shown", 1500);
    await page.getByLabel("Write what you did").fill("Found her in the library with Ms Rae. She stays with the nurse. Rang her mother, who comes at noon.");
    await page.getByLabel("The school supports the person.").check();
    await press(page, "Save your record");
    await page.getByRole("heading", { name: "Your decision is saved" }).waitFor({ timeout: 30_000 });
    await page.setViewportSize({ width: 1100, height: 620 });
    await page.getByRole("heading", { name: "Your decision is saved" }).scrollIntoViewIfNeeded();
    await page.locator(".sw-record").screenshot({ path: join(dir, "decided.png") });
    await press(page, "Your key");
    await title(page, "Your key");
    await shoot(page, "key", 1000);
    await dsl.leave();

    const technician = await Person.at(browser, school.url);
    await signIn(technician.page, "technician", school.passphrase("technician"));
    await title(technician.page, "Sealwatch today");
    await shoot(technician.page, "technician", 1120);
    await press(technician.page, "I need to tell a senior leader now");
    await title(technician.page, "Tell a senior leader now");
    await shoot(technician.page, "leader", 900);
    await technician.leave();
    const pupil = await Person.at(browser, school.url + "/report");
    await title(pupil.page, "Something on a screen?");
    await shoot(pupil.page, "report-phone", 1250, 390);
    await pupil.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
}

async function founding(): Promise<void> {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const browser = await launch();
  try {
    const head = await Person.at(browser, `${school.url}/found#${token}`);
    const leader = await Person.at(browser, `${school.url}/found#${token}`);
    const h = await sitDown(head.page, { seat: "head", name: "Mrs Ama Okafor", school: "Brook Meadow School" });
    await sitDown(leader.page, { seat: "leader", name: "Mr Tom Price", also: "Designated Safeguarding Lead" });
    await head.page.getByRole("button", { name: "Compare" }).waitFor();
    await leader.page.getByRole("button", { name: "Compare" }).waitFor();
    await shoot(head.page, "founding", 1060);
    const [heads, leaders] = [await wordsOn(head.page), await wordsOn(leader.page)];
    await hear(leader.page, heads);
    await hear(head.page, leaders);
    await noPasskey(leader.page);
    await noPasskey(head.page);
    await approve(head.page, "leader1");
    await head.page.getByRole("heading", { name: "Your school is founded" }).waitFor({ timeout: 60_000 });
    await shoot(head.page, "founded", 900);
    await leader.leave();
    await press(head.page, "Sign in");
    await signIn(head.page, "ama-okafor", h.passphrase);
    await title(head.page, "Your list");
    await press(head.page, "People");
    await title(head.page, "People");
    await shoot(head.page, "people", 1250);
    await head.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
}

mkdirSync(dir, { recursive: true });
makeTemplate();
await founding();
await reading();
