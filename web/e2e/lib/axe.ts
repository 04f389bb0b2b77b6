// SPDX-License-Identifier: Apache-2.0

// Looks at a page as axe-core does. The page's policy stays as it is: the driver
// evaluates the program in the page, which no page's policy governs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Page } from "playwright-core";
import { root } from "./programs.ts";

const source = readFileSync(resolve(root, "web/node_modules/axe-core/axe.min.js"), "utf8");

interface Found {
  id: string;
  impact: string;
  help: string;
  nodes: { target: string[]; failureSummary: string }[];
}

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// accessible fails with whatever axe finds wrong with the page as it is now.
export async function accessible(page: Page, where: string): Promise<void> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const found = await page.evaluate(async (tags) => {
    const axe = (window as unknown as { axe: { run(o: object): Promise<{ violations: Found[] }> } }).axe;
    return (await axe.run({ runOnly: tags, resultTypes: ["violations"] })).violations;
  }, rules);
  assert.deepEqual(found.map((f) => `${f.id} (${f.impact}): ${f.help}: ${f.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")}`), [], where);
}

// wide fails if the page can be scrolled sideways.
export async function noSideways(page: Page, where: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0, `${where}: ${over} px too wide`);
}
