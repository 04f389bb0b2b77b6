// SPDX-License-Identifier: Apache-2.0

// How long founding and joining take a person, counted from what the pages ask of them.
// Targets: headteacher 15 minutes, safeguarding lead 10, others 5.

import assert from "node:assert/strict";
import test from "node:test";
import { type Browser, type Page } from "playwright-core";
import { Person, launch } from "./lib/browser.ts";
import { type Pace, minutes, paceOf, sum, watchPace } from "./lib/pace.ts";
import { press, title } from "./lib/reader.ts";
import { Unfounded, found, noPasskey, signIn, wordsOn, writeDown } from "./lib/unfounded.ts";

// at is somebody whose pace is watched from the first page on.
async function at(browser: Browser, url: string): Promise<Person> {
  const p = await Person.at(browser, "about:blank");
  p.watch.allow(url);
  await watchPace(p.page);
  await p.page.goto(url);
  return p;
}

// signedIn is from a founding's or an invitation's last page to one's list: with the
// button, which loads the page anew.
async function signedIn(p: Person, before: Pace, name: string, passphrase: string): Promise<Pace> {
  await press(p.page, "Sign in");
  await signIn(p.page, name, passphrase);
  await title(p.page, "Your list");
  return sum(before, await paceOf(p.page, 0, 0));
}

// invited walks somebody from the link to having joined, while the headteacher admits them.
async function invited(browser: Browser, head: Page, o: { name: string; role: string }): Promise<{ person: Person; pace: Pace; passphrase: string }> {
  await press(head, "People");
  await press(head, "Invite somebody");
  await head.getByLabel("Their name").fill(o.name);
  await head.getByLabel("Their title").fill(o.role);
  await head.getByLabel(o.role, { exact: true }).check();
  await head.getByLabel("Their e-mail address for notices").fill("somebody@school.example");
  await press(head, "Make the invitation");
  const person = await at(browser, await head.getByLabel("The link").inputValue());
  await press(person.page, "They are the same");
  const passphrase = await writeDown(person.page);
  await noPasskey(person.page);
  const words = await wordsOn(person.page);
  await press(head, "Back to People");
  await press(head, `Type the words of ${o.name}`);
  await head.getByLabel(`The six words that ${o.name} reads out`).fill(words.join(" "));
  await press(head, "Sign, and admit them");
  await title(person.page, "You have joined");
  return { person, passphrase, pace: await paceOf(person.page, 12, 1) };
}

test("founding and joining take no longer than people were promised", async (t) => {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const browser = await launch();
  const say = (who: string, p: Pace, atMost: number): void => {
    t.diagnostic(`${who}: ${minutes(p).toFixed(1)} minutes of ${atMost} (${p.pages} pages, ${p.words} words, ${p.typed} characters, ${p.presses} presses, ` +
      `${p.aloud} words by voice or on paper, ${p.sheets} sheets)`);
    assert.ok(p.pages > 2 && p.words > 100, `${who}: nothing was counted`);
    assert.ok(Math.round(minutes(p)) <= atMost, `${who} takes ${minutes(p).toFixed(1)} minutes`);
  };
  try {
    const head = await at(browser, `${school.url}/found#${token}`);
    const leader = await at(browser, `${school.url}/found#${token}`);
    const { head: h } = await found(head.page, leader.page, "Deputy safeguarding lead");
    // Six words read out, six heard; one's own six are on the printed sheet. The headteacher's sheets
    // are their own and one for each of two keys.
    const heads = await paceOf(head.page, 12, 3);
    say("the headteacher founds", heads, 15);
    say("the second leader, who waits for the headteacher", await paceOf(leader.page, 12, 1), 15);
    await leader.leave();
    await press(head.page, "Sign in");
    await signIn(head.page, "ama-okafor", h.passphrase);
    await title(head.page, "Your list");

    const dsl = await invited(browser, head.page, { name: "Mrs Ruth Lindqvist", role: "Designated Safeguarding Lead" });
    say("the safeguarding lead joins and sees her list", await signedIn(dsl.person, dsl.pace, "ruth-lindqvist", dsl.passphrase), 10);
    await dsl.person.leave();
    const chair = await invited(browser, head.page, { name: "Ms Zoë Ünal", role: "Chair of governors" });
    say("the chair of governors joins", chair.pace, 5);
    await chair.person.leave();
    await head.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});
