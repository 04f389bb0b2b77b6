// SPDX-License-Identifier: Apache-2.0

// Shows that what the other tests look with would see it. Without this, that they see
// nothing means nothing.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { accessible, noSideways } from "./lib/axe.ts";
import { Person, Watch, launch, withProfile } from "./lib/browser.ts";
import { Hunter } from "./lib/hunter.ts";

const secret = "zqkanariev Übung 2qx7 mno";

test("a secret is found however it was written", () => {
  const h = new Hunter().know("it", secret, 10).bytes("the key", Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 5) & 255));
  const raw = Buffer.from(secret);
  const key = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 5) & 255));
  const cases: Record<string, string | Buffer> = {
    "as it is": `{"a":"${secret}"}`, "upper case": secret.toUpperCase().replace("ÜBUNG", "Übung"), "cut short": secret.slice(0, 10), query: new URLSearchParams({ q: secret }).toString(),
    encoded: encodeURIComponent(secret), hex: raw.toString("hex"), base64: raw.toString("base64"), "base64 one on": Buffer.concat([Buffer.from("q"), raw]).toString("base64"),
    "base64 two on, for addresses": Buffer.concat([Buffer.from("q="), raw]).toString("base64url"), "utf-16": Buffer.from(secret, "utf16le"), bytes: JSON.stringify([...raw]),
    sha256: createHash("sha256").update(raw).digest(), "sha256 in hex": createHash("sha256").update(raw).digest("hex"), backwards: [...secret].reverse().join(""),
    packed: Buffer.concat([Buffer.from("head of a cache entry"), gzipSync("some text " + secret)]), "among much": Buffer.concat([Buffer.alloc(99_999, 0xff), raw, Buffer.alloc(9999)]),
    "the key": key, "the key in base64": key.toString("base64"), "the key in hex": key.toString("hex"), "the key in an array": JSON.stringify([...key]),
  };
  for (const [name, data] of Object.entries(cases)) assert.notDeepEqual(h.find(data), [], name);
  assert.deepEqual(h.find("ordinary text 0123456789abcdef ".repeat(1000)), []);
});

test("a page that does what ours must not is noticed", async () => {
  const other = createServer((_, a) => a.end("hello")).listen(0, "127.0.0.1");
  await new Promise((r) => other.once("listening", r));
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const bad = createServer((q, a) => {
    a.setHeader("Content-Security-Policy", q.url === "/policy" ? "default-src 'none'" : "");
    a.setHeader("Content-Type", "text/html");
    a.end({
      "/away": `<title>x</title><body><script>fetch("${elsewhere}/x").catch(()=>0)</script>`, "/policy": "<title>x</title><script>1</script>",
      "/throws": "<title>x</title><script>throw new Error('broken')</script>", "/dialog": "<title>x</title><script>alert(1)</script>",
      "/window": "<title>x</title><script>window.open('about:blank')</script>", "/wide": "<title>x</title><div style='width:5000px'>x</div>",
      "/blind": "<title>x</title><img src='data:,'><input>",
    }[q.url!] ?? "<title>x</title>");
  }).listen(0, "127.0.0.1");
  await new Promise((r) => bad.once("listening", r));
  const url = `http://127.0.0.1:${(bad.address() as AddressInfo).port}`;
  const browser = await launch();
  try {
    for (const [path, pattern] of [["/away", /^asked .*\/x$/], ["/policy", /^console error: .*Content Security Policy/], ["/throws", /^threw: broken/], ["/dialog", /^dialog: 1/], ["/window", /^opened a window/]] as const) {
      const context = await browser.newContext();
      const watch = new Watch(context, url);
      const page = await context.newPage();
      await page.goto(url + path);
      for (let i = 0; i < 50 && !watch.faults.some((f) => pattern.test(f)); i++) await page.waitForTimeout(50);
      assert.throws(() => watch.check(), path);
      watch.expect(pattern);
      await context.close();
    }
    const p = await Person.at(browser, url + "/wide");
    await assert.rejects(noSideways(p.page, "wide"), /too wide/);
    await p.page.goto(url + "/blind");
    await assert.rejects(accessible(p.page, "blind"), /image-alt/);
    await p.context.close();
  } finally {
    await browser.close();
    bad.close();
    other.close();
  }
});

test("what a page leaves in a profile is found there", async () => {
  const server = createServer((q, a) => {
    a.setHeader("Content-Type", q.url === "/" ? "text/html" : "text/plain");
    a.setHeader("Cache-Control", "max-age=9999");
    a.end(q.url === "/" ? `<title>x</title>` : "cachedsecretofthepage ".repeat(200));
  }).listen(0, "127.0.0.1");
  await new Promise((r) => server.once("listening", r));
  const { context, dir } = await withProfile();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.evaluate(async () => {
    localStorage.setItem("a", "storedsecretofthepage");
    document.title = "titledsecretofthepage";
    await fetch("/big").then((r) => r.text());
    await new Promise<void>((done, failed) => {
      const open = indexedDB.open("d", 1);
      open.onupgradeneeded = () => open.result.createObjectStore("s");
      open.onsuccess = () => {
        const t = open.result.transaction("s", "readwrite");
        t.objectStore("s").put("indexedsecretofthepage", "k");
        t.oncomplete = () => done();
        t.onerror = () => failed(t.error);
      };
    });
    history.pushState(null, "", "/addressedsecretofthepage");
  });
  await page.waitForTimeout(500);
  await context.close();
  server.close();
  for (const kind of ["stored", "indexed", "cached", "addressed", "titled"]) {
    assert.notDeepEqual(new Hunter().know("it", kind + "secretofthepage").findInFiles(dir), [], kind);
  }
  mkdirSync(join(dir, "x"));
  writeFileSync(join(dir, "x", "namedsecretofthepage"), "");
  assert.notDeepEqual(new Hunter().know("it", "namedsecretofthepage").findInFiles(dir), []);
});
