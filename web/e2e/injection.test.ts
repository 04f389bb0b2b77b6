// SPDX-License-Identifier: Apache-2.0

// Three hundred texts that would run, fetch, redraw or turn the page, in every field that
// a log, a roster or a person can fill: each is text, and nothing else happens.

import assert from "node:assert/strict";
import test from "node:test";
import { type Page } from "playwright-core";
import { launch } from "./lib/browser.ts";
import { payloads } from "./lib/payloads.ts";
import { enter, minutesAgo, press, shown, title } from "./lib/reader.ts";
import { School } from "./lib/school.ts";
import { plea } from "./lib/squid.ts";
import { verifyManifest } from "../src/manifest.ts";
import { examine, writeNote } from "../src/unseal.ts";

const perPupil = 25; // one pupil's item holds so many of them

// wellFormed is a text as bytes can hold it: half of a pair of UTF-16 becomes U+FFFD.
function wellFormed(s: string): string {
  return Buffer.from(s, "utf8").toString("utf8");
}

// percent writes every byte as an address may hold it.
function percent(s: string): string {
  return [...Buffer.from(s, "utf8")].map((b) => "%" + b.toString(16).padStart(2, "0")).join("");
}

// lines are those of one pupil: each payload as what was searched for, in the path, in a
// parameter, as the page before and as the program that asked. The pupil's name holds some
// of them too.
function lines(user: string, texts: string[], first: number): string {
  const at = minutesAgo(20);
  return texts.map((text, i) => {
    const stamp = at.toISOString().replace(/^(\d+)-(\d+)-(\d+)T(.*)\..*$/, (_, y: string, m: string, d: string, t: string) => `${d}/${["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Number(m) - 1]}/${y}:${t} +0000`);
    const url = `https://www.google.com/search?q=${percent(`${plea} zqmark${first + i} ${text.slice(0, 200)}`)}&zz=${percent(text)}`; // longer words are no search
    const quoted = text.replaceAll(/[\p{Cc}"\\]/gu, "").slice(0, 200);
    return `10.20.1.7 - ${user} [${stamp}] "GET ${url} HTTP/1.1" 200 4211 "https://school.example/${percent(text).slice(0, 600)}" "${quoted || "-"}" TCP_MISS:HIER_DIRECT\n`;
  }).join("");
}

async function openId(page: Page, id: string): Promise<void> {
  await page.locator(`.sw-row[data-id="${id}"]`).getByRole("button", { name: /^Open/ }).click();
  await page.getByRole("heading", { name: "Do this now" }).waitFor();
}

// onlyText fails if anything that a log or a person wrote is more than text.
async function onlyText(page: Page, where: string): Promise<void> {
  const bad = await page.evaluate(() => {
    const out: string[] = [];
    for (const e of document.querySelectorAll(".sw-content, td, .sw-notes p")) for (const c of e.querySelectorAll("*")) if (!(c instanceof HTMLSpanElement && c.matches(".sw-content")) && c.tagName !== "STRONG") out.push(c.outerHTML.slice(0, 100));
    for (const e of document.querySelectorAll("a[href]:not(.govuk-skip-link), img, iframe, object, embed, base, form[action], video, audio, math, marquee, meta[http-equiv], body style, body link, body script:not([src='/assets/app.js'])")) out.push(e.outerHTML.slice(0, 100));
    return out;
  });
  assert.deepEqual(bad, [], where);
  assert.match(await page.title(), /^(Item|Names|Your list) – Sealwatch$/, where);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), true, where + " is too wide");
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("main")!).direction), "ltr");
}

test("three hundred payloads in every field are text", async (t) => {
  const all = payloads().map((p) => wellFormed(p.text.slice(0, 900))); // a longer line is cut, and the item says so
  assert.ok(all.length >= 300, `${all.length} payloads`);
  const school = School.copy();
  await school.serve();
  const browser = await launch();
  try {
    const roster = ["account,name,form,head of year,flags"];
    // A file with control characters is no CSV file, and a field has an end.
    const csv = (s: string): string => `"${s.slice(0, 190).replaceAll(/[\0-\x1f]/g, " ").replaceAll('"', '""')}"`;
    const pupils = Math.ceil(all.length / perPupil);
    for (let p = 0; p < pupils; p++) {
      const texts = all.slice(p * perPupil, (p + 1) * perPupil);
      const short = texts.filter((x) => x.length < 120);
      const user = `zq${p}.` + short.slice(0, 6).map((x) => x.replaceAll(/[^!-~]|["%]/g, "")).join("~").slice(0, 180);
      school.write(lines(user, texts, p * perPupil));
      // The list of names holds every payload, in every column.
      for (const [i, text] of texts.entries()) roster.push([i === 0 ? user : `zq${p}.${i}${text}`, `Zq ${text}`, text, text, text].map(csv).join(","));
    }
    await school.waitFor("dsl", pupils);

    const dsl = await enter(browser, school, "dsl");
    const { page } = dsl;
    await press(page, "Names");
    await page.locator("input[type=file]").setInputFiles({ name: "names.csv", mimeType: "text/csv", buffer: Buffer.from(roster.join("\n")) });
    await page.getByText(/names were read/).waitFor({ timeout: 5000 }).catch(async () => assert.fail((await shown(page)).slice(0, 2000)));
    await onlyText(page, "the list of names, read");
    await press(page, /^Seal and save/);
    await page.getByText(/names are sealed and saved/).waitFor({ timeout: 30_000 });
    await press(page, "Your list");
    await title(page, "Your list");
    await page.locator(".sw-row").nth(pupils - 1).waitFor();

    const seen = new Set<number>();
    let named = 0;
    const ids = await page.locator(".sw-row").evaluateAll((rows) => rows.map((r) => (r as HTMLElement).dataset.id!));
    for (const [p, id] of ids.entries()) {
      await openId(page, id);
      await press(page, "Show the words");
      const more = page.getByRole("button", { name: /^Show all/ });
      if (await more.count()) await more.click();
      await press(page, "Show who this is");
      await page.getByText("Account", { exact: true }).first().waitFor();
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      await onlyText(page, `item ${p}`);
      const text = await shown(page);
      if (/Name\s+Zq /.test(text)) named++;
      for (const m of text.matchAll(/zqmark(\d+)/g)) seen.add(Number(m[1]));
      if (process.env.SEALWATCH_SHOTS) await page.screenshot({ path: `${process.env.SEALWATCH_SHOTS}/payloads-${p}.png`, fullPage: true });
      await press(page, "Your list");
      await title(page, "Your list");
    }
    const lost = all.map((_, i) => i).filter((i) => !seen.has(i));
    assert.deepEqual(lost.map((i) => all[i]!.slice(0, 60)), [], "not shown at all");
    t.diagnostic(`${seen.size} payloads in ${pupils} items; ${named} pupils had a name`);
    assert.equal(named, pupils, "the list of names was not joined");

    // Notes: a colleague writes them, of whom one reads many.
    const gate = await school.gate("deputy");
    const key = await school.key("deputy");
    const manifest = verifyManifest(await gate.manifest(), key.root, key.founding);
    const id = (await gate.list("", 1)).rows[0]!.id;
    for (let i = 0; i < all.length; i += 10) {
      await writeNote(gate, await examine(await gate.item(id), key, manifest), "P", key, all.slice(i, i + 10).map((x) => "zqnote " + x).join("\n"));
    }
    await openId(page, id);
    await onlyText(page, "notes");
    const notes = (await shown(page)).match(/zqnote/g)?.length;
    assert.equal(notes, all.length, "notes that are shown");
    await dsl.leave();
    assert.equal(await school.metric("sealwatch_page_policy_reports_total"), 0);
  } finally {
    await browser.close();
    await school.stop();
  }
});
