// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { type Page } from "playwright-core";
import { Person, launch, passkeyDevice } from "./lib/browser.ts";
import { look, press, title } from "./lib/reader.ts";
import { Unfounded, found, noPasskey, signIn, wordsOn, writeDown } from "./lib/unfounded.ts";

// invite makes an invitation and returns its link.
async function invite(head: Page, o: { name: string; title: string; role: string; accounts?: string }): Promise<string> {
  await press(head, "People");
  await press(head, "Invite somebody");
  await head.getByLabel("Their name").fill(o.name);
  await head.getByLabel("Their title").fill(o.title);
  await head.getByLabel(o.role, { exact: true }).check();
  await head.getByLabel("Their e-mail address for notices").fill("somebody@school.example");
  await head.getByLabel("Their own account names").fill(o.accounts ?? "");
  await press(head, "Make the invitation");
  await title(head, `Send this link to ${o.name}`);
  return head.getByLabel("The link").inputValue();
}

// makeKey takes a new person from the link to the words that they read to the headteacher.
async function makeKey(page: Page, passkey: "works" | "fails" | "none" = "none"): Promise<{ passphrase: string; words: string[] }> {
  await press(page, "They are the same");
  const passphrase = await writeDown(page);
  if (passkey !== "none") {
    const device = await passkeyDevice(page, { prf: passkey === "works" });
    await press(page, "Make a passkey");
    await page.getByText(passkey === "works" ? "The passkey works" : "It is not used. Go on with your six words").first().waitFor();
    await look(page, "a passkey that " + passkey);
    if (passkey === "fails") await device.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: device.id });
  }
  if (passkey === "works") await press(page, "Continue");
  else await noPasskey(page);
  await title(page, /Read six words to/);
  return { passphrase, words: await wordsOn(page) };
}

async function typeWords(head: Page, name: string, words: string[]): Promise<void> {
  await head.getByLabel(`The six words that ${name} reads out`).fill(words.join(" "));
  await press(head, "Sign, and admit them");
}

test("the headteacher invites, admits, refuses, gives a new key, and removes", async () => {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const browser = await launch();
  try {
    const head = await Person.at(browser, `${school.url}/found#${token}`);
    const leader = await Person.at(browser, `${school.url}/found#${token}`);
    const { head: h, words: [schoolWords] } = await found(head.page, leader.page);
    await leader.leave();
    await press(head.page, "Sign in");
    await signIn(head.page, "ama-okafor", h.passphrase);
    await title(head.page, "Your list");

    await press(head.page, "Names");
    await head.page.locator("input[type=file]").setInputFiles({ name: "names.csv", mimeType: "text/csv", buffer: Buffer.from("account,name\n21jsmith,Jo Smith\n") });
    await press(head.page, /^Seal and save one name/);
    await head.page.getByText("One name is saved.").waitFor();

    // Invited, not yet there, admitted.
    const link = await invite(head.page, { name: "Ms Zoë Ünal", title: "Chair of governors", role: "Chair of governors" });
    await look(head.page, "the link of an invitation");
    const chair = await Person.at(browser, link);
    await title(chair.page, /Join your school/);
    assert.deepEqual(await wordsOn(chair.page), schoolWords);
    await look(chair.page, "an invitation");
    const c = await makeKey(chair.page, "works");
    await look(chair.page, "words for the headteacher");
    await press(head.page, "People");
    await look(head.page, "people with somebody waiting");
    await press(head.page, "Type the words of Ms Zoë Ünal");
    await title(head.page, "Is it Ms Zoë Ünal?");
    await look(head.page, "admit somebody");
    await typeWords(head.page, "Ms Zoë Ünal", [...c.words].reverse());
    await head.page.getByText("These are not the words of this key").waitFor();
    await typeWords(head.page, "Ms Zoë Ünal", c.words);
    await title(head.page, "Ms Zoë Ünal is admitted");
    await look(head.page, "admitted");
    await press(head.page, "Seal the list of names anew");
    await head.page.getByText("is sealed to those who read about pupils now").waitFor();
    await title(chair.page, "You have joined");
    await look(chair.page, "joined");
    await press(chair.page, "Sign in");
    await signIn(chair.page, "zoe-unal", c.passphrase);
    await title(chair.page, "Your list");
    await press(chair.page, "Sign out");
    await chair.page.getByLabel("Your name in Sealwatch").fill("zoe-unal");
    await press(chair.page, "Use a passkey instead");
    await title(chair.page, "Your list");
    assert.equal(await chair.page.getByRole("button", { name: "People" }).count(), 0, "only the headteacher has this page");

    // A used link says so; a link of another school is a full stop before a key is made.
    const again = await Person.at(browser, link);
    await title(again.page, "You have joined already");
    await again.page.goto("about:blank");
    await again.page.goto(link.slice(0, -10) + "AAAAAAAAAA");
    await title(again.page, "Stop: this is not the school that invited you");
    await look(again.page, "another school");
    await again.leave();

    // Somebody else has used the deputy's link: the words do not agree, and nobody is admitted.
    const stolen = await invite(head.page, { name: "Mr Ben Ash", title: "Deputy lead", role: "Deputy safeguarding lead", accounts: "bash" });
    const thief = await Person.at(browser, stolen);
    await makeKey(thief.page);
    const ben = await Person.at(browser, stolen);
    await title(ben.page, "A key was made with this link already");
    await look(ben.page, "a used link");
    await ben.leave();
    await press(head.page, "People");
    await press(head.page, "Type the words of Mr Ben Ash");
    for (let i = 0; i < 3; i++) await typeWords(head.page, "Mr Ben Ash", schoolWords!);
    await title(head.page, "Do not admit Mr Ben Ash");
    await look(head.page, "do not admit");
    await press(head.page, "End the invitation");
    await title(head.page, "People");
    await title(thief.page, "The headteacher has ended this invitation");
    thief.watch.check();
    await thief.context.close();

    // A new key under the same name; the old words open nothing any more.
    await press(head.page, "New key for Ms Zoë Ünal");
    await title(head.page, "A new key for Ms Zoë Ünal");
    await look(head.page, "a new key");
    await press(head.page, "Make the link");
    await title(head.page, /Send this link/);
    const second = await Person.at(browser, await head.page.getByLabel("The link").inputValue());
    await title(second.page, /Make a new key/);
    const n = await makeKey(second.page, "fails");
    await press(head.page, "People");
    await press(head.page, "Type the words of Ms Zoë Ünal");
    await typeWords(head.page, "Ms Zoë Ünal", n.words);
    await title(head.page, "Ms Zoë Ünal is admitted");
    await title(second.page, "You have joined");
    await press(second.page, "Sign in");
    await signIn(second.page, "zoe-unal", c.passphrase);
    await second.page.getByText("Name and passphrase do not fit together").first().waitFor();
    await signIn(second.page, "zoe-unal", n.passphrase);
    await title(second.page, "Your list");
    await second.leave();
    await chair.context.close(); // the gate signed it out

    // What accounts look like.
    await press(head.page, "People");
    await press(head.page, "Say what accounts look like");
    await head.page.getByLabel("Pupils’ accounts").fill("21jsmith, 22abrown, leader1");
    await head.page.getByLabel("Staff’s accounts").fill("jlang, tprice");
    await head.page.getByLabel("An account to try").fill("SCHOOL\\19zed");
    await head.page.getByText("Looks like a pupil’s.").waitFor();
    await look(head.page, "account names");
    await head.page.getByLabel("Pupils’ accounts").fill("jsmith");
    await press(head.page, "Sign, and use this from now on");
    await head.page.getByText("would take it for staff’s").first().waitFor();
    await head.page.getByLabel("Pupils’ accounts").fill("21jsmith, 22abrown");
    await press(head.page, "Sign, and use this from now on");
    await head.page.getByText("two digits, then letters").waitFor();

    // A change from another window comes first: this one is not made, and says so.
    const other = await Person.at(browser, school.url);
    await signIn(other.page, "ama-okafor", h.passphrase);
    await title(other.page, "Your list");
    await press(other.page, "People");
    await press(other.page, "Change what is written of you");
    await other.page.getByLabel("Your own account names").fill("leader1");
    await press(other.page, "Sign this change");
    await other.page.getByText("is the account of Mr Tom Price already").first().waitFor();
    await other.page.getByLabel("Your own account names").fill("head1, head2");
    await press(head.page, "Change what is written of you");
    await head.page.getByLabel("Your title").fill("Head of school");
    await press(head.page, "Sign this change");
    await head.page.getByText("Head of school").waitFor();
    await press(other.page, "Sign this change");
    await other.page.getByText("Somebody has signed another change meanwhile").waitFor();
    await press(other.page, "Sign this change");
    await title(other.page, "People");
    await other.page.getByText("head1, head2").waitFor();
    await other.leave();
    await press(head.page, "People");

    // The chair goes; without a second leader nobody may.
    await press(head.page, "Change or remove Ms Zoë Ünal");
    await look(head.page, "change or remove");
    await press(head.page, "Sign, and remove Ms Zoë Ünal");
    await title(head.page, "Ms Zoë Ünal is removed");
    await press(head.page, "Back to People");
    await press(head.page, "Change or remove Mr Tom Price");
    await head.page.getByText("There would be no second leader").waitFor();
    await press(head.page, "People");
    await title(head.page, "People");
    await look(head.page, "people");
    await head.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});

test("new words, and a passkey, for one's own key", async () => {
  const school = Unfounded.make();
  const token = school.token();
  await school.serve();
  const browser = await launch();
  try {
    const head = await Person.at(browser, `${school.url}/found#${token}`);
    const leader = await Person.at(browser, `${school.url}/found#${token}`);
    const { leader: l } = await found(head.page, leader.page);
    await head.leave();
    const { page } = leader;
    await press(page, "Sign in");
    await signIn(page, "tom-price", l.passphrase);
    await title(page, "Your list");
    await press(page, "Your key");
    await look(page, "your key");
    const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Save my locked key as a file")]);
    assert.equal(file.suggestedFilename(), "tom-price.key");

    await passkeyDevice(page);
    await press(page, "Add a passkey on this device");
    await page.getByText("has opened your key, and is in use").waitFor();
    await press(page, "Make new words");
    const fresh = await writeDown(page);
    await page.getByText("Your new words are in use").waitFor({ timeout: 30_000 });
    await press(page, "Sign out");
    await signIn(page, "tom-price", l.passphrase);
    await page.getByText("Name and passphrase do not fit together").first().waitFor();
    await signIn(page, "tom-price", fresh);
    await title(page, "Your list");
    await press(page, "Sign out");

    // The passkey still opens the same key, until it is removed.
    await page.getByLabel("Your name in Sealwatch").fill("tom-price");
    await press(page, "Use a passkey instead");
    await title(page, "Your list");
    await press(page, "Your key");
    await press(page, "Remove My laptop");
    await page.getByText("You have none.").waitFor();
    await leader.leave();
  } finally {
    await browser.close();
    await school.stop();
  }
});
