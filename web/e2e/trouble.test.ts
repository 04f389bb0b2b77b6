// SPDX-License-Identifier: Apache-2.0

// What is missing or damaged is said; a school that is another is the end of the page; the
// same item is the same at the server's pages and at those of one's own machine.

import assert from "node:assert/strict";
import test from "node:test";
import { Person, launch } from "./lib/browser.ts";
import { Hostile } from "./lib/hostile.ts";
import { cry, enter, everything, look, open, press, shown, title } from "./lib/reader.ts";
import { Serving, sealopen } from "./lib/programs.ts";
import { School } from "./lib/school.ts";
import { signIn } from "./lib/unfounded.ts";

test("what is missing or damaged is shown as such", async () => {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    for (const user of ["p1", "p2", "p3"]) cry(school, user);
    await school.waitFor("dsl", 3);
    const stored = (): string[] => school.sql("SELECT hex(id) FROM envelopes").split("\n").filter(Boolean);
    const first = stored();
    assert.equal(first.length, 3);
    const [cut, gone, slip] = first as [string, string, string];
    // The last one has the highest running number: only what is below it can be missed.
    cry(school, "p4");
    await school.waitFor("dsl", 4);
    const whole = stored().find((id) => !first.includes(id))!;
    await school.stop();
    school.sql(`UPDATE envelopes SET envelope = substr(envelope, 1, 3000) WHERE id = x'${cut}'`);
    school.sql(`PRAGMA foreign_keys=ON; DELETE FROM envelopes WHERE id = x'${gone}'`);
    school.sql(`UPDATE slips SET slip = zeroblob(length(slip)) WHERE id = x'${slip}'`);
    await school.serve();

    const dsl = await enter(browser, school, "dsl");
    const { page } = dsl;
    await page.getByRole("heading", { name: /^Damaged: tell the headteacher today/ }).waitFor();
    const list = await shown(page);
    // Two running numbers are missing: of the item that is gone, and of the one that cannot
    // say its own.
    assert.match(list, /Items that were for you are not here: numbers \d/);
    assert.match(list, /Damaged\. The part that says whom this item is for cannot be read/);
    assert.equal(await page.locator(".sw-row").count(), 3, "a damaged item was skipped");
    await look(page, "a list with damaged items");

    // One of which a part was cut off opens nothing, says so, and no opening is recorded.
    const openings = async (): Promise<number> => (await school.acts()).filter((a) => a.act === "open").length;
    const row = (id: string) => page.locator(`.sw-row[data-id="${id.toLowerCase()}"]`).getByRole("button", { name: /^Open/ });
    await row(cut).click();
    await title(page, "This item cannot be opened");
    await page.getByText("The sealed record itself is damaged and cannot be shown.").waitFor();
    await look(page, "an item that is damaged");
    assert.equal(await openings(), 0);
    await press(page, "Your list");
    await title(page, "Your list");

    // What is whole opens as before.
    await row(whole).click();
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    assert.equal(await openings(), 1);
    await dsl.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});

test("six words stand under every page; a server of another school is the end of it", async () => {
  const school = School.copy();
  const other = School.found();
  await school.serve();
  await other.serve();
  const browser = await launch();
  try {
    cry(school, "21jsmith");
    await school.waitFor("dsl", 1);
    const footers = [];
    for (const name of ["dsl", "deputy", "head"] as const) {
      const p = await enter(browser, school, name);
      for (const entry of await p.page.locator(".sw-menu button").allTextContents()) {
        await press(p.page, entry);
        await p.page.locator("h1").waitFor();
        footers.push(await p.page.locator(".sw-footer__words").textContent());
      }
      await p.leave();
    }
    assert.equal(new Set(footers).size, 1);
    assert.equal(footers[0]!.split(" ").length, 6);

    // Somebody puts another school behind the address: with its own manifest, but the
    // person's own wrapped key.
    const hostile = await Hostile.before(school.api);
    hostile.plan = async (path, body, real) => {
      if (path !== "/v1/manifest") return real();
      const gate = await other.gate("dsl");
      const signed = await gate.manifest();
      void body;
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ signed: Buffer.from(signed).toString("base64") })) };
    };
    const p = await Person.at(browser, hostile.url.replace("127.0.0.1", "localhost"));
    await signIn(p.page, "dsl", school.passphrase("dsl"));
    await title(p.page, "Stop: this is not the school you joined");
    await look(p.page, "another school");
    assert.equal(await p.page.getByRole("button").count(), 0, "there is a way on");
    assert.ok(!hostile.asked.some((q) => ["/v1/share", "/v1/item", "/v1/list"].includes(q.path)), "something was asked for after all");
    await p.leave();
    hostile.close();
  } finally {
    await browser.close();
    await school.stop();
    await other.stop();
  }
});

test("the same item at the server's pages and at those of one's own machine", async () => {
  const school = School.copy();
  await school.serve();
  cry(school, "21jsmith");
  await school.waitFor("dsl", 1);
  const reader = await Serving.start(sealopen, ["--server", school.api, "--key", school.path("people", "dsl.key"), "reader"], /^\s+(http:\S+)\/$/m);
  const browser = await launch();
  try {
    const said: string[] = [];
    for (const [at, url] of [["the server", school.url], ["one's own machine", reader.said]] as const) {
      const p = await Person.at(browser, url);
      await signIn(p.page, "dsl", school.passphrase("dsl"));
      await title(p.page, "Your list");
      await open(p.page);
      await press(p.page, "Show the words");
      await press(p.page, "Show who this is");
      await p.page.getByText("21jsmith").first().waitFor();
      const parts = await p.page.locator(".sw-item section, .sw-said, h1").allInnerTexts();
      said.push(parts.join("\n").replaceAll(/^.*(waiting|opened).*$/gm, ""));
      assert.equal((await shown(p.page)).includes("These pages come from your own machine"), at !== "the server");
      await press(p.page, "Sign out");
      await p.page.getByLabel("Your passphrase").waitFor();
      assert.doesNotMatch(await everything(p.page), /21jsmith|kill myself/);
      await p.leave();
    }
    assert.match(said[0]!, /i want to kill myself tonight/);
    assert.equal(said[0], said[1]);
  } finally {
    await browser.close();
    await reader.stop();
    await school.stop();
  }
});
