// SPDX-License-Identifier: Apache-2.0

// What is left when somebody goes: after signing out, after walking away, in the browser's
// own files; and how one comes back on a browser that forgets.

import assert from "node:assert/strict";
import test from "node:test";
import { fromBase64 } from "../src/bytes.ts";
import { Person, Watch, launch, passkeyDevice, withProfile } from "./lib/browser.ts";
import { Hunter } from "./lib/hunter.ts";
import { cry, enter, everything, open, press, shown, title } from "./lib/reader.ts";
import { School } from "./lib/school.ts";
import { signIn } from "./lib/unfounded.ts";

const note = "zqnotiz five minutes with her form tutor";
const content = /kill myself|zqpupil|zqnotiz/i;

async function withOne(work: (school: School) => Promise<void>): Promise<void> {
  const school = School.copy();
  await school.serve();
  try {
    cry(school, "zqpupil7");
    await school.waitFor("dsl", 1);
    await work(school);
  } finally {
    await school.stop();
  }
}

test("after signing out nothing is left: not in the page, not behind the back button, not on the disk", () => withOne(async (school) => {
  const key = await school.key("dsl");
  const hunter = new Hunter().know("the identity", key.identity, 30).know("the signing key", key.signing.secret()).bytes("the seed", fromBase64(key.signing.secret()))
    .know("the passphrase", school.passphrase("dsl")).know("the words", "i want to kill myself").know("the account", "zqpupil7").know("the note", "zqnotiz five minutes");
  const { context, dir } = await withProfile();
  try {
    const watch = new Watch(context, school.url);
    const page = await context.newPage();
    await page.goto(school.url);
    await signIn(page, "dsl", school.passphrase("dsl"));
    await title(page, "Your list");
    await open(page);
    await press(page, "Show the words");
    await press(page, "Show who this is");
    await page.getByText("zqpupil7").first().waitFor();
    await page.getByLabel("Write what you did").fill(note);
    await press(page, "Save your record");
    await page.getByRole("heading", { name: "Your note is saved" }).waitFor({ timeout: 30_000 });
    assert.match(await everything(page), content);

    await press(page, "Sign out");
    await page.getByLabel("Your passphrase").waitFor();
    assert.doesNotMatch(await everything(page), content);
    for (let i = 0; i < 3; i++) {
      await page.goBack().catch(() => null);
      await page.waitForTimeout(200);
      assert.doesNotMatch(await everything(page), content, "behind the back button");
    }
    await page.goto(school.url);
    const stored = await page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length, (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length].join());
    assert.equal(stored, "0,0,,0,0,0");
    for (const b of watch.bodies) assert.deepEqual(hunter.find(b.body), [], "sent to " + b.url);
    watch.check();
  } finally {
    await context.close();
  }
  assert.deepEqual(hunter.findInFiles(dir), [], "in the browser's profile");
}));

test("a page that nobody looks at is covered, and one that nobody touches ends itself; what was begun is kept sealed", () => withOne(async (school) => {
  const browser = await launch();
  try {
    const p = await Person.at(browser, "about:blank");
    p.watch.allow(school.url);
    const { page } = p;
    await page.clock.install();
    await page.goto(school.url);
    await signIn(page, "dsl", school.passphrase("dsl"));
    await title(page, "Your list");
    await open(page);
    await press(page, "Show the words");
    await page.getByLabel("Write what you did").fill(note);

    // Covered while another window is in front.
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await page.getByText("Covered while you are somewhere else.").waitFor();
    const seen = await page.evaluate(() => {
      const veil = document.querySelector(".sw-veil")!;
      const r = veil.getBoundingClientRect();
      const s = getComputedStyle(veil);
      return { all: r.left <= 0 && r.top <= 0 && r.right >= innerWidth && r.bottom >= innerHeight, background: s.backgroundColor, opacity: s.opacity, onTop: document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(".sw-veil") !== null };
    });
    assert.deepEqual([seen.all, seen.opacity, seen.onTop], [true, "1", true]);
    assert.match(seen.background, /^rgb\(/, "the veil can be seen through: " + seen.background);
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await page.getByText("Covered while you are somewhere else.").waitFor({ state: "detached" });

    // Four minutes: a warning, which any key takes away. Five: over.
    await page.clock.fastForward("04:05");
    await page.getByText("You will be signed out in a minute").waitFor();
    await page.keyboard.press("Shift");
    await page.getByText("You will be signed out in a minute").waitFor({ state: "detached" });
    await page.clock.fastForward("05:05");
    await page.getByLabel("Your passphrase").waitFor();
    assert.doesNotMatch(await everything(page), content);

    // Somebody else who signs in here finds nothing of hers; she finds it again.
    await page.clock.resume();
    await signIn(page, "dsl", school.passphrase("dsl"));
    await title(page, "Your list");
    await page.getByText("You have begun to write about it.").waitFor();
    await open(page);
    assert.equal(await page.getByLabel("Write what you did").inputValue(), note);
    await press(page, "Sign out");
    await title(page, "You have begun to write and not saved it");
    await press(page, "Throw it away and sign out");
    await signIn(page, "dsl", school.passphrase("dsl"));
    await title(page, "Your list");
    assert.doesNotMatch(await shown(page), /You have begun/, "signing out forgets what was begun");
    await p.leave();
  } finally {
    await browser.close();
  }
}));

test("a passkey is lost with its device: the words on the sheet open the same, and nothing of a passkey was ever sent", () => withOne(async (school) => {
  const browser = await launch();
  try {
    const p = await enter(browser, school, "dsl");
    const { page } = p;
    // What the passkey gives, as the page gets it.
    await page.evaluate(() => {
      const get = navigator.credentials.get.bind(navigator.credentials);
      const out: string[] = [];
      (window as unknown as { prf: string[] }).prf = out;
      navigator.credentials.get = async (o) => {
        const c = await get(o);
        const r = (c as PublicKeyCredential).getClientExtensionResults().prf?.results;
        for (const v of [r?.first, r?.second]) if (v) out.push(btoa(String.fromCharCode(...new Uint8Array(v as ArrayBuffer))));
        return c;
      };
    });
    const device = await passkeyDevice(page);
    await press(page, "Your key");
    await press(page, "Add a passkey on this device");
    await page.getByText("has opened your key, and is in use").waitFor({ timeout: 30_000 });
    await press(page, "Sign out");
    await page.getByLabel("Your name in Sealwatch").fill("dsl");
    await press(page, "Use a passkey instead");
    await title(page, "Your list");
    const secrets = await page.evaluate(() => (window as unknown as { prf: string[] }).prf);
    assert.ok(secrets.length >= 2, "no output of a passkey was seen");
    const hunter = new Hunter();
    for (const s of secrets) hunter.bytes("a passkey's output", Buffer.from(s, "base64"));
    for (const b of p.watch.bodies) {
      assert.deepEqual(hunter.find(b.body), [], "sent to " + b.url);
      for (const m of b.body.matchAll(/[A-Za-z0-9+/_-]{40,}/g)) assert.deepEqual(hunter.find(Buffer.from(m[0], "base64")), [], "sent to " + b.url);
    }
    await press(page, "Sign out");

    await device.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: device.id });
    await passkeyDevice(page);
    await page.getByLabel("Your name in Sealwatch").fill("dsl");
    await press(page, "Use a passkey instead");
    await page.getByText("Your passphrase works everywhere.").first().waitFor({ timeout: 60_000 });
    await signIn(page, "dsl", school.passphrase("dsl"));
    await title(page, "Your list");
    await press(page, "Your key");
    await press(page, "Remove My laptop");
    await page.getByText("You have none.").waitFor();
    await p.leave();

    // A managed browser that forgets everything, and a telephone.
    for (const viewport of [{ width: 1366, height: 768 }, { width: 360, height: 740 }]) {
      const other = await enter(browser, school, "dsl", { viewport });
      await open(other.page);
      await other.leave();
    }
  } finally {
    await browser.close();
  }
}));
