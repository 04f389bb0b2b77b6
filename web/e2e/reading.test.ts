// SPDX-License-Identifier: Apache-2.0

// A safeguarding lead's morning: she reads what waits, opens the gravest, decides, takes
// it to the child's file, and goes. Others see what concerns them.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { type Browser, type Page } from "playwright-core";
import { Person, launch } from "./lib/browser.ts";
import { cry, enter, everything, look, minutesAgo, open, press, shown, title } from "./lib/reader.ts";
import { School } from "./lib/school.ts";
import { search, squid } from "./lib/squid.ts";
import { signIn } from "./lib/unfounded.ts";

const words = "i want to kill myself tonight";
const content = /kill myself|21jsmith|google/i;
const paper = /safeguarding record/i;
const note = "10:40 Rang her mother, who comes at noon.";

let school: School;
let browser: Browser;

before(async () => {
  school = School.copy();
  await school.serve();
  cry(school, "21jsmith");
  cry(school, "21jsmith", { at: minutesAgo(2) });
  school.write(squid({ at: minutesAgo(9), user: "22akhan", url: search("how to make myself sick after eating") }));
  school.write(squid({ at: minutesAgo(5), user: "23bpatel", url: search("how to bypass the school filter with a vpn") }));
  await school.waitFor("dsl", 2);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await school?.stop();
});

test("she reads, decides, and undoes; her deputy sees it", async () => {
  const dsl = await enter(browser, school, "dsl");
  const { page } = dsl;
  await page.locator(".sw-row").nth(1).waitFor();

  // In order of need, and labels only.
  const groups = await page.locator(".sw-group h2").allTextContents();
  const rank = ["Critical", "High", "Medium", "Low"];
  const ranks = groups.map((g) => rank.findIndex((r) => g.startsWith(r)));
  assert.ok(ranks.length > 1 && ranks[0] === 0, groups.join());
  assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b), groups.join());
  assert.doesNotMatch(await everything(page), content);
  await look(page, "the list");

  await open(page, "Critical");
  assert.match(await page.locator("h1").textContent() ?? "", /^A pupil account searched for words about suicide/);
  const before = await everything(page);
  assert.doesNotMatch(before, content, "the words are on the page before she asked for them");
  for (const part of ["How sure are we", "What this may be", "What it may not be", "What happened", "Who", "Your record"]) await page.getByRole("heading", { name: part, exact: true }).waitFor();
  await look(page, "an item before its words");

  await press(page, "Show the words");
  assert.match(await page.locator(".sw-said").innerText(), new RegExp(words));
  const item = await shown(page);
  assert.match(item, /google\[\.\]com/);
  assert.doesNotMatch(item, /google\.com|21jsmith/);
  assert.equal(await page.locator("main a[href]").count(), 0, "nothing on the page can be followed");
  await press(page, "Show who this is");
  await page.getByText("21jsmith").first().waitFor();
  await look(page, "an item with words and who");

  // What is not saved yet is not lost by coming and going.
  await page.getByLabel("With an adult they trust").check();
  await page.getByLabel("Write what you did").fill("Found her in the library.");
  await press(page, "Your list");
  await title(page, "Your list");
  await page.getByText("You have begun to write about it.").waitFor();
  await open(page, "You have begun");
  assert.equal(await page.getByLabel("Write what you did").inputValue(), "Found her in the library.");

  // Nothing chosen and nothing written is no record.
  await page.getByLabel("Write what you did").fill("");
  await press(page, "Save your record");
  await page.getByText("Write what you did, or choose what you decided").first().waitFor();
  await look(page, "a record that is empty");

  await page.getByLabel("Write what you did").fill(note);
  await page.getByRole("group", { name: "What did you decide?" }).getByRole("radio").nth(1).check();
  await press(page, "Save your record");
  await page.getByRole("heading", { name: "Your decision is saved" }).waitFor({ timeout: 30_000 });
  assert.doesNotMatch(await shown(page), /It is not saved yet/);
  await look(page, "a decision that is saved");
  await press(page, "Back to your list");
  await title(page, "Your list");
  await page.getByText("What is decided (1)").click();
  await press(page, /^Open again/);
  await page.getByText("Decided: ").waitFor();

  const deputy = await enter(browser, school, "deputy");
  await deputy.page.getByText("What is decided (1)").click();
  await press(deputy.page, /^Open again/);
  await deputy.page.getByText(note).waitFor();
  await deputy.page.getByText("Decided: ").waitFor();

  // She undoes; both steps stay on record, and it is in the list again.
  await press(page, "Open it again");
  await page.getByRole("heading", { name: "It is open again" }).waitFor();
  await press(page, "Your list");
  await page.locator(".sw-row").filter({ hasText: "Critical" }).first().waitFor();

  // Two at once: the second sees the first's, and keeps hers.
  await deputy.page.getByLabel("Write what you did").fill("I have told the form tutor.");
  await press(deputy.page, "Save your record");
  await deputy.page.getByText("Somebody else wrote to this item just before you").first().waitFor();
  assert.equal(await deputy.page.getByLabel("Write what you did").inputValue(), "I have told the form tutor.");
  await look(deputy.page, "somebody else was first");
  await press(deputy.page, "Save your record");
  await deputy.page.getByRole("heading", { name: "Your note is saved" }).waitFor();
  await deputy.leave();
  await dsl.leave();

  const acts = (await school.acts()).map((a) => [a.actor, a.act, a.part].filter(Boolean).join(" "));
  for (const want of ["dsl open what", "dsl open who", "deputy open what"]) assert.ok(acts.includes(want), `${want} is not in ${acts.join("; ")}`);
  assert.equal(await school.metric("sealwatch_page_policy_reports_total"), 0);
});

test("she copies a record, and prints it: what she has seen, and recorded first", async () => {
  const dsl = await enter(browser, school, "dsl");
  const { page, context } = dsl;
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: school.url });
  await open(page, "Critical");

  // A browser's own printing gives nothing away.
  await page.emulateMedia({ media: "print" });
  assert.equal((await shown(page)).trim(), "Please print with the button on the page: printing an item is recorded.");
  await page.emulateMedia({ media: null });

  const before = (await school.acts()).length;
  await press(page, "Copy as record");
  await page.getByText("Copied, and recorded.").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, paper);
  assert.doesNotMatch(copied, content, "the copy holds what she has not asked to see");
  assert.match(copied, /Left out: they were not shown/);

  await press(page, "Show the words");
  await press(page, "Copy as record");
  await page.getByText("Copied, and recorded.").waitFor();
  await page.waitForTimeout(200);
  const whole = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(whole, new RegExp(words));
  assert.match(whole, /google\[\.\]com/);
  assert.doesNotMatch(whole, /google\.com|21jsmith/);
  await press(page, "Empty the clipboard");
  await page.getByText("The clipboard is empty.").waitFor();
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), "");

  const printed = await print(page);
  assert.match(printed, paper);
  assert.match(printed, new RegExp(words));
  await dsl.leave();
  const acts = (await school.acts()).slice(before).filter((a) => a.act === "export").map((a) => `${a.actor} ${a.detail}`);
  assert.deepEqual(acts, ["dsl copy", "dsl copy", "dsl print"]);
});

// print presses the button, and returns what would be on the paper.
async function print(page: Page): Promise<string> {
  await page.evaluate(() => {
    window.print = () => {
      // As some do: drawn only after the call has returned.
      setTimeout(() => {
        document.documentElement.dataset.paper = document.querySelector<HTMLElement>(".sw-paper")!.textContent!;
        window.dispatchEvent(new Event("afterprint"));
      }, 200);
    };
  });
  await press(page, "Print");
  await page.getByText("Sent to print, and recorded.").waitFor();
  assert.equal(await page.locator(".sw-paper").textContent(), "", "the paper's text stays on the page");
  return (await page.evaluate(() => document.documentElement.dataset.paper)) ?? "";
}

test("others read what is theirs, and a technician nothing", async () => {
  const head = await enter(browser, school, "head");
  await head.page.getByText("Nothing is waiting for you.").waitFor();
  await look(head.page, "an empty list");
  await head.leave();

  const technician = await Person.at(browser, school.url);
  await signIn(technician.page, "technician", school.passphrase("technician"));
  await technician.page.getByRole("heading", { name: "Sealwatch today", level: 1 }).waitFor({ timeout: 30_000 });
  assert.equal(await technician.page.locator(".sw-row").count(), 0);
  await technician.leave();
});
