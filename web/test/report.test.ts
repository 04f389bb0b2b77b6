// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { helpdesk } from "../src/machine/machine.ts";
import { inWords, say } from "../src/machine/drawing.ts";
import { leaders } from "../src/machine/leader.ts";
import { type Person } from "../src/manifest.ts";
import { newReceipt, openReport, sealReport } from "../src/report/sealed.ts";
import { makeIdentity } from "../src/seal/sign.ts";

test("a report opens for each who reads it, and every one has the same length", async () => {
  const [a, b, c] = [await makeIdentity(), await makeIdentity(), await makeIdentity()];
  const r = { kind: "popup" as const, receipt: newReceipt(), at: new Date("2026-11-26T10:41:00Z"), where: "", words: "", from: "" };
  const short = await sealReport(r, [a.recipient, b.recipient]);
  const long = await sealReport({ ...r, words: "é".repeat(1500), where: "library" }, [a.recipient, b.recipient]);
  assert.equal(short.length, long.length);
  for (const who of [a, b]) assert.deepEqual(await openReport(short, who.identity), r);
  await assert.rejects(openReport(short, c.identity));
  await assert.rejects(sealReport({ ...r, words: "x".repeat(9000) }, [a.recipient]), /size/);
});

test("a receipt can be read out", () => {
  for (let i = 0; i < 50; i++) assert.match(newReceipt(), /^\d{4} \d{4}$/);
});

test("the drawing's words say what it shows", () => {
  assert.equal(inWords([-1, -1]), "Nothing is known of this day yet.");
  assert.match(inWords([-1, 0, 120, 3.4]), /at most 120 lines a second, 3.4 now.*not run for all/);
  assert.equal(say(0), "0");
});

test("the safeguarding lead is rung first, a technician never", () => {
  const p = (id: string, ...roles: string[]): Person => ({ id, roles }) as unknown as Person;
  const all = leaders([p("h", "head"), p("t", "technician"), p("p", "deputy"), p("d", "dsl"), p("c", "chair")]);
  assert.deepEqual(all.map((x) => x.id), ["d", "p", "h"]);
});

test("the helpdesk's reply asks for no address and sends people to the page", () => {
  const t = helpdesk("https://sealwatch.school.example");
  assert.match(t, /https:\/\/sealwatch\.school\.example\/report/);
  assert.match(t, /do not send us the address/);
});
