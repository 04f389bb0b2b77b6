// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { accessible, noSideways } from "./lib/axe.ts";
import { Person, launch } from "./lib/browser.ts";
import { Unfounded, fillIn, found, hear, signIn, sitDown, wordsOn } from "./lib/unfounded.ts";

test("two people at two browsers found a school, and monitoring starts", async () => {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const browser = await launch();
  try {
    const waiting = await Person.at(browser, school.url);
    await waiting.page.getByText("Monitoring has not started.").waitFor();
    await accessible(waiting.page, "before founding");
    await waiting.leave();

    const head = await Person.at(browser, `${school.url}/found#${token}`, { viewport: { width: 360, height: 740 } });
    const leader = await Person.at(browser, `${school.url}/found#${token}`);
    await noSideways(head.page, "the first page of a founding on a phone");
    await accessible(leader.page, "the first page of a founding");
    const { head: h, words } = await found(head.page, leader.page);
    assert.equal(words[0]!.length, 6);
    assert.deepEqual(words[0], words[1], "both see the same six words of the school");
    await accessible(head.page, "founded");
    await noSideways(head.page, "founded, on a phone");
    await leader.leave();

    // The headteacher signs in with the words on the sheet, and the foot of the page shows
    // what the founding showed.
    await head.page.getByRole("button", { name: "Sign in" }).click();
    await signIn(head.page, "ama-okafor", h.passphrase);
    await head.page.getByRole("heading", { name: "Your list" }).waitFor({ timeout: 60_000 });
    assert.equal(await head.page.locator(".sw-footer__words").textContent(), words[0]!.join(" "));
    await head.leave();
    assert.equal(await school.metric("sealwatch_page_policy_reports_total"), 0);
  } finally {
    await browser.close();
    await school.stop();
  }
});

test("a technician who poses as the second leader is stopped by the words", async () => {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const browser = await launch();
  try {
    const head = await Person.at(browser, `${school.url}/found#${token}`);
    const technician = await Person.at(browser, `${school.url}/found#${token}`);
    await sitDown(head.page, { seat: "head", name: "Mrs Ama Okafor", school: "Brook Meadow School" });
    await sitDown(technician.page, { seat: "leader", name: "Mr Tom Price", also: "Designated Safeguarding Lead" });

    // The real second leader finds the place taken.
    const leader = await Person.at(browser, `${school.url}/found#${token}`);
    await fillIn(leader.page, { seat: "leader", name: "Mr Tom Price" });
    await leader.page.getByRole("heading", { name: "Somebody is already the second leader with this link" }).waitFor();

    // On the phone he reads no words, so the head types what she makes up or mishears: whatever
    // she types, it is not what the stranger's page shows. A word that no page could show is
    // asked for again, and is none of her three tries.
    const shown = await wordsOn(technician.page);
    await hear(head.page, [...shown.slice(1), "xylofone"]);
    await head.page.getByText("none of the words that Sealwatch uses").first().waitFor();
    for (let i = 0; i < 3; i++) await hear(head.page, [...shown].reverse());
    await head.page.getByRole("heading", { name: "Stop: somebody may stand between you" }).waitFor();
    await accessible(head.page, "the stop");

    // Nothing goes on for the stranger either, though he knows the head's words.
    await technician.page.getByRole("heading", { name: "The founding was stopped" }).waitFor();
    const state = (await (await fetch(school.api + "/v1/school", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" })).json()) as { stage: string };
    assert.equal(state.stage, "waiting");
    for (const p of [head, leader, technician]) await p.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});
