// SPDX-License-Identifier: Apache-2.0

// The technician's page, a declaration, and a report by somebody who has no name here.

import assert from "node:assert/strict";
import test from "node:test";
import { Person, launch } from "./lib/browser.ts";
import { cry, enter, everything, look, press, shown, title } from "./lib/reader.ts";
import { School } from "./lib/school.ts";
import { signIn } from "./lib/unfounded.ts";

test("a technician sees how the machine is and nothing of what was found; what anybody reports, only its readers open", async () => {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    school.morning(30_000);
    school.write("this line marker-cedar is 10.1.2.3 of no format marker-birch\n");
    cry(school, "21zephyrine");
    await school.waitFor("dsl", 1);

    const t = await Person.at(browser, school.url);
    await signIn(t.page, "technician", school.passphrase("technician"));
    await title(t.page, "Sealwatch today");
    const first = await shown(t.page);
    assert.match(first, /% of requests have an account name/);
    assert.match(first, /% of requests have search words/);
    assert.match(first, /<word>/, "the shape of the line that could not be read");
    assert.match(first, /Last backup/);
    assert.equal(await t.page.locator("svg.sw-rates rect.sw-rates-bar").count() > 0, true);
    const all = await everything(t.page);
    for (const secret of ["marker-", "zephyrine", "kill myself", "critical", "21smith"]) assert.ok(!all.includes(secret), `the technician's page holds ${secret}`);
    for (const verb of [/dismiss/i, /false positive/i, /severity/i, /incident/i]) assert.doesNotMatch(first, verb);
    await look(t.page, "a technician's page");

    await press(t.page, "I need to tell a senior leader now");
    await title(t.page, "Tell a senior leader now");
    assert.match(await shown(t.page), /01632 960101[\s\S]*01632 960103/);
    await look(t.page, "tell a senior leader");
    await press(t.page, "If you see something");
    await title(t.page, "If you come across something");
    await look(t.page, "if you see something");

    // A declaration, by keyboard.
    await press(t.page, "Declare what I saw");
    await title(t.page, "I came across something");
    await press(t.page, "Seal and send");
    await t.page.getByText("Choose where it was").first().waitFor();
    await look(t.page, "a declaration with faults");
    for (const label of ["In a ticket, an e-mail or a message", "Just now", "I do not know"]) {
      await t.page.getByLabel(label).focus();
      await t.page.keyboard.press("Space");
    }
    await t.page.getByRole("button", { name: "Seal and send" }).focus();
    await t.page.keyboard.press("Enter");
    await title(t.page, "It is sealed and sent");
    const receipt = /\d{4} \d{4}/.exec(await shown(t.page))![0];
    await look(t.page, "a receipt");
    await t.leave();

    // Anybody.
    const pupil = await Person.at(browser, school.url + "/report");
    await title(pupil.page, "Something on a screen?");
    await look(pupil.page, "anybody's report");
    await press(pupil.page, "Seal and send");
    await pupil.page.getByText("Choose what happened").first().waitFor();
    await pupil.page.getByLabel("It just popped up").check();
    await pupil.page.getByLabel(/^Anything you want to say/).fill("marker-willow <b>bold</b> came up");
    await press(pupil.page, "Seal and send");
    await title(pupil.page, "Thank you. It is sent");
    await look(pupil.page, "a report was sent");
    assert.ok(!pupil.watch.bodies.some((b) => b.body.includes("marker-willow")), "what was written left the browser unsealed");
    await pupil.leave();
    assert.ok(!school.log.includes("marker-willow"));

    const dsl = await enter(browser, school, "dsl");
    await press(dsl.page, "Reports (2)");
    await title(dsl.page, "What people have reported");
    await press(dsl.page, "Open report 1");
    await press(dsl.page, "Open report 2");
    await dsl.page.getByText("A technician came across something").waitFor();
    await dsl.page.getByText("marker-willow <b>bold</b> came up").waitFor();
    assert.match(await shown(dsl.page), new RegExp(receipt));
    await look(dsl.page, "reports");
    await dsl.page.getByRole("button", { name: "It is dealt with: erase it" }).first().click();
    await dsl.page.getByText("The report is erased.").waitFor();
    assert.equal(await dsl.page.getByRole("button", { name: /^Open report/ }).count(), 1);
    await dsl.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});
