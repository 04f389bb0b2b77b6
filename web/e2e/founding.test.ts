// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { accessible, noSideways } from "./lib/axe.ts";
import { toBase64 } from "../src/bytes.ts";
import { commitOf, makeCard } from "../src/founding.ts";
import { SigningKey, makeIdentity } from "../src/seal/sign.ts";
import { Person, launch } from "./lib/browser.ts";
import { Hostile } from "./lib/hostile.ts";
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

interface Shown {
  leader: { commit?: string; card?: string };
  manifest?: string;
}

// between puts a server of somebody else's between the school and the two, which alters
// what one of them is shown of the other.
async function between(school: Unfounded, alter: (seat: string, shown: Shown) => void): Promise<Hostile> {
  const hostile = await Hostile.before(school.api);
  const seats = new Map<string, string>();
  hostile.plan = async (path, body, real) => {
    const answer = await real();
    if (!path.startsWith("/v1/found/") || answer.status !== 200) return answer;
    const asked = JSON.parse(body.toString()) as { seat?: string; seat_key?: string };
    const shown = JSON.parse(answer.body.toString()) as Shown & { seat_key?: string };
    if (path.endsWith("/join")) seats.set(shown.seat_key!, asked.seat!);
    if (path.endsWith("/state")) alter(seats.get(asked.seat_key!)!, shown);
    return { ...answer, body: Buffer.from(JSON.stringify(shown)) };
  };
  return hostile;
}

async function underAttack(alter: (seat: string, shown: Shown) => void, what: (head: Person, leader: Person) => Promise<void>): Promise<void> {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const hostile = await between(school, alter);
  const browser = await launch();
  try {
    const url = `${hostile.url.replace("127.0.0.1", "localhost")}/found#${token}`;
    const head = await Person.at(browser, url);
    const leader = await Person.at(browser, url);
    await what(head, leader);
  } finally {
    await browser.close();
    hostile.close();
    await school.stop();
  }
}

test("a server that puts its own key in the second leader's place is found out by the words", async () => {
  const evil = makeCard({
    seat: "leader", id: "tom-price", name: "Mr Tom Price", title: "Deputy head", roles: ["leader", "dsl"], mail: "leader@school.example",
    recipient: (await makeIdentity()).recipient, verify: SigningKey.make().verifyKey(),
  });
  await underAttack((seat, shown) => {
    if (seat !== "head") return;
    if (shown.leader.commit) shown.leader.commit = toBase64(commitOf(evil));
    if (shown.leader.card) shown.leader.card = toBase64(evil);
  }, async (head, leader) => {
    await sitDown(head.page, { seat: "head", name: "Mrs Ama Okafor", school: "Brook Meadow School" });
    await sitDown(leader.page, { seat: "leader", name: "Mr Tom Price", also: "Designated Safeguarding Lead" });
    await head.page.getByText("Mr Tom Price").first().waitFor(); // it looks right
    for (let i = 0; i < 3; i++) await hear(head.page, await wordsOn(leader.page));
    await head.page.getByRole("heading", { name: "Stop: somebody may stand between you" }).waitFor();
    await leader.page.getByRole("heading", { name: "The founding was stopped" }).waitFor();
  });
});

test("a card that is not the one that was committed to stops the founding by itself", async () => {
  const evil = makeCard({
    seat: "leader", id: "tom-price", name: "Mr Tom Price", title: "Deputy head", roles: ["leader"], mail: "", recipient: (await makeIdentity()).recipient, verify: SigningKey.make().verifyKey(),
  });
  await underAttack((seat, shown) => {
    if (seat === "head" && shown.leader.card) shown.leader.card = toBase64(evil);
  }, async (head, leader) => {
    await sitDown(leader.page, { seat: "leader", name: "Mr Tom Price" });
    await fillIn(head.page, { seat: "head", name: "Mrs Ama Okafor", school: "Brook Meadow School" });
    await head.page.getByRole("heading", { name: "Stop: somebody may stand between you" }).waitFor();
  });
});

test("the second leader's page believes no manifest that is not what the two agreed", async () => {
  await underAttack((seat, shown) => {
    if (seat !== "leader" || !shown.manifest) return;
    const file = JSON.parse(Buffer.from(shown.manifest, "base64").toString()) as { manifest: string };
    file.manifest = Buffer.from(Buffer.from(file.manifest, "base64").toString().replace("leader@school.example", "listener@elsewhere.invalid")).toString("base64");
    shown.manifest = Buffer.from(JSON.stringify(file)).toString("base64");
  }, async (head, leader) => {
    const said = found(head.page, leader.page).catch(() => null);
    await leader.page.getByRole("heading", { name: "Stop: what was signed is not what you agreed" }).waitFor({ timeout: 60_000 });
    await accessible(leader.page, "the stop after signing");
    void said;
  });
});
