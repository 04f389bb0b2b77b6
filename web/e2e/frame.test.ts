// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { accessible } from "./lib/axe.ts";
import { Person, launch } from "./lib/browser.ts";
import { School } from "./lib/school.ts";

test("the pages come from the server, keep their policy and ask nobody else", async () => {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    const p = await Person.at(browser, school.url);
    await p.page.getByRole("heading", { level: 1 }).waitFor();
    await accessible(p.page, "sign in");
    await p.leave();
    assert.equal(await school.metric("sealwatch_page_policy_reports_total"), 0);
  } finally {
    await browser.close();
    await school.stop();
  }
});
