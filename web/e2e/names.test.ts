// SPDX-License-Identifier: Apache-2.0

// Who is 21jsmith? The school's own list answers, and nobody asks IT.

import assert from "node:assert/strict";
import test from "node:test";
import { type Page } from "playwright-core";
import { launch } from "./lib/browser.ts";
import { Hunter } from "./lib/hunter.ts";
import { cry, enter, look, open, press, shown } from "./lib/reader.ts";
import { School } from "./lib/school.ts";

const csv = 'account,name,form,head of year,flags\r\n21jsmith,"Smith, Zqjonathanael",9B,Mr Zqlangewiesche,"SEN; young carer"\r\n22akhan,Aisha Khan,8A,Ms Rae,\r\n';

async function put(page: Page, data: Buffer | string, name = "names.csv"): Promise<void> {
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.isBuffer(data) ? data : Buffer.from(data) });
}

test("a list of names is sealed in her browser, and an item says who it is when she asks", async () => {
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    cry(school, "OAK\\21JSmith");
    await school.waitFor("dsl", 1);
    const dsl = await enter(browser, school, "dsl");
    const { page } = dsl;
    await press(page, "Names");
    await look(page, "names");

    // What is no list says what to do instead.
    for (const [what, data, says] of [
      ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 2]), /This is not a CSV file/],
      ["no column of accounts", "name,form\nJo,9B\n", /must name a column “account”/],
      ["no rows", "account,name\n", /no rows below its first line/],
      ["an open quotation mark", 'account,name\n21a,"Jo\n', /quotation mark in this file is never closed/],
    ] as const) {
      await put(page, data as Buffer);
      await page.getByText(says).first().waitFor({ timeout: 5000 }).catch(async () => assert.fail(`${what}: ${await shown(page)}`));
    }

    // As spreadsheets of all kinds write it.
    const semicolons = csv.replaceAll('"Smith, Zqjonathanael"', "Zqjonathanael Smith").replaceAll('"SEN; young carer"', "SEN").replaceAll(",", ";");
    for (const [what, data] of [
      ["with a mark", Buffer.from("\ufeff" + csv)], ["in UTF-16", Buffer.from("\ufeff" + csv, "utf16le")], ["with semicolons", Buffer.from(semicolons)], ["with tabs", Buffer.from(semicolons.replaceAll(";", "\t"))],
    ] as const) {
      await put(page, data);
      await page.getByText("Two names were read.").waitFor({ timeout: 5000 }).catch(async () => assert.fail(`${what}: ${await shown(page)}`));
    }
    await put(page, csv + "21jsmith,Twice Smith,9B,,\n,Nobody,9B,,\n");
    await page.getByText("Two rows were not taken.").waitFor({ timeout: 5000 }).catch(async () => assert.fail(await shown(page)));
    await page.getByText("Row 4 has the same account as row 2.").waitFor();
    await look(page, "names with two that are wrong");
    await put(page, csv);
    await page.getByText("Two names were read.").waitFor();
    await press(page, "Seal and save two names");
    await page.getByText("Two names are sealed and saved.").waitFor({ timeout: 30_000 });
    await press(page, "Your list");
    await open(page);
    assert.doesNotMatch(await shown(page), /Zqjonathanael/);
    await press(page, "Show who this is");
    await page.getByText("Smith, Zqjonathanael").waitFor();
    const text = await shown(page);
    for (const part of ["9B", "Mr Zqlangewiesche", "SEN, young carer"]) assert.ok(text.includes(part), part);
    await look(page, "an item with a name");
    await dsl.leave();

    // Her deputy has it too, and nobody who runs the server.
    const deputy = await enter(browser, school, "deputy");
    await open(deputy.page);
    await press(deputy.page, "Show who this is");
    await deputy.page.getByText("Smith, Zqjonathanael").waitFor();
    const hunter = new Hunter().know("a name", "Zqjonathanael").know("a head of year", "Zqlangewiesche");
    for (const w of [dsl.watch, deputy.watch]) for (const b of w.bodies) assert.deepEqual(hunter.find(b.body), [], "sent to " + b.url);
    await deputy.leave();
    await school.stop();
    assert.deepEqual(hunter.findInFiles(school.path("state")), []);
    assert.deepEqual(hunter.find(school.log), []);
  } finally {
    await browser.close();
    await school.stop();
  }
});
