// SPDX-License-Identifier: Apache-2.0

// What the reader's pages do with a server that lies: 1,100 odd answers, spread over all
// that a signed-in person asks for, through the real "sealopen reader". This file drives
// the pages' own code; hostilepages.test.ts drives the pages.

import assert from "node:assert/strict";
import { request } from "node:http";
import test from "node:test";
import { type Bytes, SealError, fromBase64 } from "../src/bytes.ts";
import { Gate, GateError, type Item } from "../src/gate.ts";
import { type Key, openKey } from "../src/key.ts";
import { type Manifest, verifyManifest } from "../src/manifest.ts";
import { loadRoster, saveRoster } from "../src/roster.ts";
import { parseAppend } from "../src/seal/parts.ts";
import { decrypt, makeIdentity } from "../src/seal/sign.ts";
import { decide, examine, examineRow, openWhat, openWho, writeNote } from "../src/unseal.ts";
import { type Answer, Hostile, odd } from "./lib/hostile.ts";
import { Hunter } from "./lib/hunter.ts";
import { Serving, sealopen } from "./lib/programs.ts";
import { School } from "./lib/school.ts";
import { search, squid } from "./lib/squid.ts";

const answers = 1100;
const words = "i want to kill myself tonight zqwordsv4k1";
const user = "21zquserv4k2";
const noteText = "I spoke with her in the library zqnotev4k3.";

test("no odd answer of 1,100 gets a key or a word out of what sealopen serves", { timeout: 240_000 }, async (t) => {
  const school = School.copy();
  await school.serve();
  const now = Date.now();
  for (const [i, u] of [user, "19other"].entries()) {
    for (let n = 0; n < 3; n++) school.write(squid({ at: new Date(now - 300_000 + n * 20_000 + i * 1000), user: u, url: search(words + " " + n) }));
  }
  await school.waitFor("dsl", 2);
  const hostile = await Hostile.before(school.api);
  const reader = await Serving.start(sealopen, ["--server", hostile.url, "--key", school.path("people", "dsl.key"), "reader"], /^\s+(http:\S+)\/$/m);
  try {
    await attack(t, school, hostile, reader.said);
  } finally {
    await reader.stop();
    hostile.close();
    await school.stop();
  }
});

// onLoopback lets this program ask the pages' own address, a name that browsers find
// without asking anybody. What is sent and what comes back is as it would be there.
function onLoopback(base: string): void {
  const { host, port } = new URL(base);
  globalThis.fetch = ((url: string, o: { method: string; headers: Record<string, string>; body: string }) => new Promise<Response>((done, failed) => {
    // A connection each: unlike a browser, this does not ask again where a kept one has just been closed.
    const q = request({ agent: false, host: "127.0.0.1", port, path: new URL(url).pathname, method: o.method, headers: { ...o.headers, Host: host } }, (a) => {
      const parts: Buffer[] = [];
      a.on("data", (p: Buffer) => parts.push(p));
      a.on("error", failed);
      a.on("end", () => done(new Response(a.statusCode === 204 ? null : Buffer.concat(parts), { status: a.statusCode ?? 500, headers: { "Content-Length": a.headers["content-length"] ?? "" } })));
    });
    q.on("error", failed);
    q.end(o.body);
  })) as unknown as typeof fetch;
}

interface Act {
  path: string;
  do: (g: Gate) => Promise<unknown>;
}

async function attack(t: { diagnostic(s: string): void }, school: School, hostile: Hostile, base: string): Promise<void> {
  onLoopback(base);
  const passphrase = school.passphrase("dsl");
  const gate = new Gate(base);
  const key: Key = await openKey((await gate.bundle("dsl")).bundle, passphrase);
  await gate.signIn(key.school, key.person, key.signing);
  const manifest: Manifest = verifyManifest(await gate.manifest(), key.root, key.founding);

  // The honest truth, to hold against whatever is made of a lie.
  const rows = (await gate.list("", 100)).rows;
  const items: Item[] = [];
  for (const r of rows) items.push(await gate.item(r.id));
  const mine = items.find((i) => i.id === rows[0]!.id)!;
  const honest = await openWhat(gate, await examine(mine, key, manifest), key);
  assert.ok(honest.events.some((e) => e.words.includes("zqwordsv4k1")), "the flow opens nothing");
  const allWords = new Set(honest.events.map((e) => e.words));

  const h = new Hunter().know("the identity", key.identity, 30).know("the signing key", key.signing.secret()).bytes("the seed", fromBase64(key.signing.secret()))
    .know("the passphrase", passphrase).know("searched words", "zqwordsv4k1").know("the account", "zquserv4k2").know("a note", "zqnotev4k3");
  for (const i of items) {
    const lock = (await examine(i, key, manifest)).lock!;
    h.know("the labels' key", lock.labels, 30).bytes("a half", lock.halves.what).bytes("a half", lock.halves.who);
  }
  const thief = await makeIdentity();

  const note = async (g: Gate): Promise<void> => writeNote(g, await examine(mine, key, manifest), "P", key, noteText);
  const acts: Act[] = [
    { path: "/v1/school", do: (g) => g.school() },
    { path: "/v1/session", do: async (g) => {
      const fresh = new Gate(base);
      await fresh.signIn(key.school, key.person, key.signing);
      await fresh.list("", 10);
      void g;
    } },
    { path: "/v1/manifest", do: async (g) => {
      const m = verifyManifest(await g.manifest(), key.root, key.founding);
      assert.deepEqual(m.people, manifest.people);
      assert.deepEqual([m.sealers, m.readers], [manifest.sealers, manifest.readers]);
    } },
    { path: "/v1/list", do: async (g) => {
      for (const r of (await g.list("", 100)).rows) {
        const x = await examineRow(r, key, manifest);
        if (x.faults.length === 0) assert.ok(items.some((i) => i.id === r.id));
      }
    } },
    { path: "/v1/item", do: async (g) => {
      const x = await examine(await g.item(mine.id), key, manifest);
      if (x.envelope && x.lock) {
        const w = await openWhat(g, x, key);
        for (const e of w.events) assert.ok(allWords.has(e.words), "words that are not of this school: " + e.words);
        if (w.events.length < honest.events.length) assert.ok(w.faults.length + x.faults.length > 0, "something is missing and nothing says so");
        await openWho(g, x, key);
      }
      await writeNote(g, x, "P", key, noteText);
      await decide(g, x, "P", key, "support", noteText);
    } },
    { path: "/v1/share", do: async (g) => openWhat(g, await examine(mine, key, manifest), key) },
    { path: "/v1/share", do: async (g) => openWho(g, await examine(mine, key, manifest), key) },
    { path: "/v1/append", do: note },
    { path: "/v1/outcome", do: async (g) => decide(g, await examine(mine, key, manifest), "P", key, "support", noteText) },
    { path: "/v1/export", do: (g) => g.exporting(mine.id, "copy") },
    { path: "/v1/signout", do: async () => {
      const fresh = new Gate(base);
      await fresh.signIn(key.school, key.person, key.signing);
      await fresh.signOut();
    } },
    { path: "/v1/file", do: async (g) => {
      const r = await loadRoster(g, key, manifest);
      await saveRoster(g, key, manifest, r.file, [{ account: user, name: noteText, form: "", headOfYear: "", flags: [] }]);
    } },
  ];

  const ends: Record<string, number> = {};
  let given = 0;
  const others = items.flatMap((i) => [i.envelope, i.lock, ...i.headers, ...i.appends] as Bytes[]).map((b) => Buffer.from(b));
  for (let n = 0; n < answers; n++) {
    const act = acts[n % acts.length]!;
    const round = Math.floor(n / acts.length);
    let first = true;
    hostile.plan = async (path, _body, real): Promise<Answer> => {
      // What would change the school is swallowed, so that every answer meets the same one.
      const answer = ["/v1/append", "/v1/outcome", "/v1/file/put"].includes(path) ? done : await real();
      if (path !== act.path || !first) return answer;
      // Of the two steps of signing in, the second in every other round.
      if (path === "/v1/session" && round % 2 === 1 && answer.body.includes("challenge")) return answer;
      first = false;
      given++;
      return odd(n, answer, others);
    };
    let end = "well";
    try {
      await act.do(gate);
    } catch (e) {
      if (!(e instanceof GateError || e instanceof SealError)) throw new Error(`answer ${n} to ${act.path}: ${String(e)}`, { cause: e });
      end = e.code.slice(0, 12);
    }
    ends[`${act.path} ${end}`] = (ends[`${act.path} ${end}`] ?? 0) + 1;
    assert.ok(!("polluted" in {}), `answer ${n} changed all objects`);
    if (!gate.signedIn()) await gate.signIn(key.school, key.person, key.signing);
  }
  t.diagnostic(`${given} odd answers, ${hostile.asked.length} requests`);
  t.diagnostic(JSON.stringify(ends));
  assert.ok(given >= 1000, `only ${given} odd answers were given`);

  assert.ok(!hostile.asked.some((q) => q.path === "/v1/bundle"), "the key file is this machine's own");
  for (const q of hostile.asked) {
    for (const part of [q.path, q.headers, q.body, ...decoded(q.body)]) assert.deepEqual(h.find(part), [], `to ${q.path}`);
    await thiefReads(q.body, thief.identity);
  }
}

const done: Answer = { status: 200, headers: {}, body: Buffer.from(`{"done":true}`) };

// decoded are the bytes that a request carries in base64.
function decoded(body: Buffer): Buffer[] {
  return [...body.toString("latin1").matchAll(/"([A-Za-z0-9+/]{40,}={0,2})"/g)].map((m) => Buffer.from(m[1]!, "base64"));
}

// A note must not be sealed to a key that the server put in.
async function thiefReads(body: Buffer, identity: string): Promise<void> {
  for (const b of decoded(body)) {
    let a;
    try {
      a = parseAppend(b);
    } catch {
      continue;
    }
    await assert.rejects(decrypt(a.bodies.what, identity), SealError);
  }
}
