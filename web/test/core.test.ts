// SPDX-License-Identifier: Apache-2.0

// Opens what internal/unseal/browser_test.go made, and makes what it opens. Run by it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { type Bytes, SealError, fromBase64, fromText, toBase64, toHex, toText } from "../src/bytes.ts";
import { commitOf, foundingWords, openCard, personWords, tokenHash } from "../src/founding.ts";
import { type Gate, type Item } from "../src/gate.ts";
import { type Key, openKey, wrapKey } from "../src/key.ts";
import { type Manifest, type Person, nextDocument, signManifest, verifyManifest } from "../src/manifest.ts";
import { rungs } from "../src/recipients.ts";
import { finder, loadRoster, saveRoster } from "../src/roster.ts";
import { type Class, openClassFile, parseClassFile } from "../src/seal/classfile.ts";
import { SigningKey, checkRecipient, decrypt } from "../src/seal/sign.ts";
import { clearOrder, shareRequest } from "../src/seal/write.ts";
import * as tell from "../src/tell.ts";
import { type Fault, decide, examine, examineRow, openWhat, openWho, writeNote } from "../src/unseal.ts";
import { wordsOf } from "../src/words.ts";

const dir = process.env.SEALWATCH_VECTORS;

interface VectorItem {
  name: string;
  item: { id: string; state: "new"; rung: number; envelope?: string; headers?: string[]; lock?: string; appends?: string[] };
  what: string;
  who: string;
  faults: string[];
  label: string;
  error: string;
  told: {
    happened: string; sure: { grade: string; dots: number; sentence: string; because: string[] }[]; may: string; may_not: string; next: string[]; faults: string[];
    handover: boolean; what: { events: { host?: string; address?: string }[] };
  } | null;
  words: string[] | null;
  raw: string[] | null;
}

interface Vectors {
  now: string;
  school: string;
  root: string;
  root_key: string;
  manifest: string;
  key_file: string;
  passphrase: string;
  identity: string;
  items: VectorItem[];
  file: string;
  file_share: string;
  roster: string;
  readers: { people: Pick<Person, "id" | "roles">[]; rungs: Record<Class, string[][]> }[];
  challenge: string;
  words: { purpose: "head" | "leader" | "school" | "person"; hash: string; words: string[] }[];
  founding: string;
  joining: { token: string; token_hash: string; id: string; recipient: string; verify: string; words: string[] };
}

if (!dir) {
  test("parts that the Go side made", { skip: "run by go test ./internal/unseal" }, () => {});
} else {
  const v = JSON.parse(readFileSync(dir + "/vectors.json", "utf8")) as Vectors;
  const noon = new Date(v.now);
  const made: Record<string, Bytes> = {};
  const key = await openKey(fromBase64(v.key_file), v.passphrase);
  const m = verifyManifest(fromBase64(v.manifest), v.root);

  // A gate that has one item, and keeps what it is sent.
  const gateOf = (i: VectorItem): Gate & { sent: Bytes[] } => {
    const sent: Bytes[] = [];
    return {
      sent, now: () => noon,
      share: (q: Bytes) => Promise.resolve(fromBase64(q[20] === 1 ? i.what : i.who)),
      append: (a: Bytes) => Promise.resolve(void sent.push(a)),
      outcome: (a: Bytes, o: Bytes) => Promise.resolve(void sent.push(a, o)),
    } as unknown as Gate & { sent: Bytes[] };
  };
  const partsOf = (i: VectorItem): Item => ({
    id: i.item.id, state: "new", rung: 0, envelope: fromBase64(i.item.envelope ?? ""), headers: (i.item.headers ?? []).map(fromBase64),
    lock: fromBase64(i.item.lock ?? ""), appends: (i.item.appends ?? []).map(fromBase64),
  });

  test("a key file", async () => {
    assert.equal(key.identity, v.identity);
    assert.equal(key.root, v.root);
    assert.ok(key.demo);
    await assert.rejects(openKey(fromBase64(v.key_file), "six invented words of a victor"), { code: "decrypt" });
    const file = await wrapKey(key, "Correct  horse battery staple vector WORDS", 2);
    made.key_file = file as Bytes;
    const costly = toText(fromBase64(v.key_file)).split("\n");
    const armored = costly.slice(2, -2).join("");
    const raw = atob(armored).replace(/(-> scrypt \S+) \d+/, "$1 20");
    const again = [costly[0], costly[1], btoa(raw).match(/.{1,64}/g)!.join("\n"), costly.at(-2), ""].join("\n");
    await assert.rejects(openKey(fromText(again), v.passphrase), { code: "format" });
  });

  test("a manifest", () => {
    assert.equal(m.serial, 3);
    assert.equal(m.people.length, 6);
    assert.equal(m.readers.length, 6);
    assert.throws(() => verifyManifest(fromBase64(v.manifest), key.signing.verifyKey()), { code: "signature" });
    const next = nextDocument(m);
    (next.people as { name: string }[])[0]!.name = "Demo <Marlow> & Söhne";
    made.manifest = signManifest(next, SigningKey.parse(v.root_key));
    assert.equal(verifyManifest(made.manifest, v.root).people[0]!.name, "Demo <Marlow> & Söhne");
  });

  test("words", () => {
    for (const w of v.words) assert.deepEqual(wordsOf(w.purpose, fromBase64(w.hash)), w.words, w.purpose);
    assert.equal(toHex(m.founding!), v.founding);
    assert.deepEqual(m.words, v.words.find((w) => w.purpose === "school")!.words);
    assert.ok(verifyManifest(fromBase64(v.manifest), v.root, v.founding).founding);
    assert.throws(() => verifyManifest(fromBase64(v.manifest), v.root, "00".repeat(32)), { code: "foreign" });
    const f = m.document.founding as { head: string; leader: string };
    assert.deepEqual(foundingWords(fromBase64(f.head), fromBase64(f.leader), "leader"), v.words.find((w) => w.purpose === "leader")!.words);
    assert.equal(openCard(fromBase64(f.head), commitOf(fromBase64(f.head)), "head").verify, v.root);
    assert.throws(() => openCard(fromBase64(f.leader), commitOf(fromBase64(f.head)), "leader"), { code: "damaged" });
    const j = v.joining;
    assert.equal(toBase64(tokenHash(j.token)), j.token_hash);
    assert.deepEqual(personWords(m.founding!, j.id, j.recipient, j.verify), j.words);
  });

  test("who reads what, in schools that were drawn", () => {
    for (const s of v.readers) {
      for (const [class_, want] of Object.entries(s.rungs)) {
        assert.deepEqual(rungs({ people: s.people as Manifest["people"] }, class_ as Class).map((r) => r.map((p) => p.id)), want, JSON.stringify(s.people) + class_);
      }
    }
  });

  for (const i of v.items) test("an item: " + i.name, () => agree(i));

  async function agree(i: VectorItem): Promise<void> {
    const x = await examine(partsOf(i), key, m);
    const faults: Fault[] = [...x.faults];
    const label = x.label ? `${x.label.level} ${x.label.events} ${x.number}` : "";
    assert.equal(label, i.label);
    const gate = gateOf(i);
    let error = "";
    try {
      const what = await openWhat(gate, x, key);
      const who = await openWho(gate, x, key);
      faults.push(...what.faults, ...who.faults);
      assert.deepEqual(what.events.map((e) => e.words), (i.words ?? []).map((w) => latin(w)));
      assert.deepEqual(who.events.length, (i.raw ?? []).length);
      says(i, x.label!, what, faults);
    } catch (e) {
      if (!(e instanceof SealError)) throw e;
      error = e.code;
    }
    assert.equal(error, i.error);
    assert.deepEqual(faults.map((f) => `${f.part} ${f.n} ${f.code}`), i.faults);
  }

  // What is not UTF-8 is content all the same; the words of these items are.
  const latin = (base64: string): string => new TextDecoder().decode(fromBase64(base64));

  function says(i: VectorItem, l: NonNullable<Awaited<ReturnType<typeof examine>>["label"]>, what: Awaited<ReturnType<typeof openWhat>>, faults: Fault[]): void {
    const told = i.told!;
    assert.equal(tell.happened(what.class, l, what.events), told.happened);
    assert.deepEqual(tell.sure(l, what.events).map(({ grade, dots, sentence, because }) => ({ grade, dots, sentence, because })),
      told.sure.map(({ grade, dots, sentence, because }) => ({ grade, dots, sentence, because: because ?? [] })));
    const meaning = tell.meaning(what.events, l);
    assert.equal(meaning.may, told.may);
    assert.equal(meaning.mayNot, told.may_not);
    // The last step names the program, which is not the same.
    assert.deepEqual(tell.next(l.level, what.class, told.handover).slice(0, -1), told.next.slice(0, -1));
    assert.deepEqual(tell.faults(faults), told.faults);
    assert.deepEqual(what.events.map((e) => tell.defang(e.address)), told.what.events.map((e) => e.address ?? ""));
  }

  test("rows of a list", async () => {
    const i = v.items[1]!;
    const whole = partsOf(i);
    const last = whole.appends.at(-1)!;
    const head = last.slice(0, 4 + 16 + 4 + 32 + 32 + 1 + 4 * 32 + 64) as Bytes;
    let at = head.length;
    for (let n = 0; n < 3; n++) at += 4 + new DataView(last.buffer, last.byteOffset + at).getUint32(0);
    const file = last.slice(at + 4) as Bytes;
    const row = { id: whole.id, state: "new" as const, rung: 0, headers: whole.headers, lock: whole.lock, label: { head, file } };
    const x = await examineRow(row, key, m);
    assert.deepEqual(x.faults, []);
    assert.equal(x.label!.events, 3);
    const bad = file.slice() as Bytes;
    bad[100]! ^= 1;
    assert.deepEqual((await examineRow({ ...row, label: { head, file: bad } }, key, m)).faults, [{ part: "label", n: 0, code: "damaged" }]);
    const other = fromBase64(v.items[4 + 1]!.item.envelope!);
    assert.equal((await examineRow({ ...row, label: { head: other, file } }, key, m)).faults[0]!.code, "format");
    assert.equal((await examineRow({ ...row, id: "00".repeat(16) }, key, m)).faults[0]!.code, "foreign");
  });

  test("a note and a decision", async () => {
    const i = v.items[1]!;
    const gate = gateOf(i);
    await writeNote(gate, await examine(partsOf(i), key, m), "P", key, "I spoke with her – she is “safe” 🙂 <b>&\u2028");
    made.note = gate.sent[0]!;
    const more = partsOf(i);
    more.appends.push(made.note);
    const x = await examine(more, key, m);
    assert.deepEqual(x.faults, []);
    await decide(gate, x, "P", key, "support", "", "2027-11");
    made.outcome = gate.sent[1]!;
    made.order = gate.sent[2]!;
    more.appends.push(made.outcome);
    const what = await openWhat(gate, await examine(more, key, m), key);
    assert.deepEqual(what.faults, []);
    assert.deepEqual(what.notes.map((n) => n.outcome), ["", "support"]);
    assert.throws(() => clearOrder(key.signing, { envelope: x.id, deleteAfter: "2027-13", outcome: "support", person: "dsl", at: noon }), { code: "value" });
    made.request = shareRequest(key.signing, { envelope: x.id, part: "who", person: "dsl", at: noon, purpose: "review" });
    made.signature = key.signing.sign("session", fromText("oakfield\ndsl\n" + toText(fromBase64(v.challenge))));
  });

  test("a roster", async () => {
    const file = fromBase64(v.file);
    let put: Bytes[] = [];
    const gate = {
      now: () => noon, file: () => Promise.resolve(file), share: () => Promise.resolve(fromBase64(v.file_share)),
      putFile: (f: Bytes, s: Bytes) => Promise.resolve(void (put = [f, s])),
    } as unknown as Gate;
    const r = await loadRoster(gate, key, m);
    const find = finder(r.rows);
    assert.equal(find("SCHOOL\\21ASmith")?.name, "Demo Smith");
    assert.equal(find("21asmith@school.example")?.form, "8B");
    assert.equal(find(""), undefined);
    assert.deepEqual(find("21asmith")?.flags, ["care plan"]);
    const rows = [
      { account: "21asmith", name: "Demo Smith", form: "8B", headOfYear: "Demo Hill", flags: ["care plan", "EAL"] },
      { account: "21boneill", name: "Åsa O’Neill-Łuk", form: "", headOfYear: "", flags: [] },
    ];
    const saved = await saveRoster(gate, key, m, r.file, rows);
    [made.file, made.shares] = put as [Bytes, Bytes];
    assert.equal(saved.number, 2);
    // What was saved is newer than what the gate still shows.
    await assert.rejects(loadRoster(gate, key, m, saved), { code: "chain" });
    const stranger = SigningKey.make();
    await saveRoster(gate, { ...key, signing: stranger } as Key, m, r.file, rows);
    const forged = { ...gate, file: () => Promise.resolve(put[0]!) } as unknown as Gate;
    await assert.rejects(loadRoster(forged, key, m), { code: "signer" });
    await assert.rejects(loadRoster({ ...gate, file: () => Promise.resolve(new Uint8Array(0)) } as unknown as Gate, key, m, saved), { code: "missing" });
    const f = parseClassFile(file);
    await assert.rejects(openClassFile(f, key.identity, fromBase64(v.items[0]!.what)), { code: "share" });
    for (let at = 0; at < file.length; at += 997) {
      const bad = file.slice() as Bytes;
      bad[at]! ^= 4;
      assert.throws(() => parseClassFile(bad), SealError);
    }
  });

  test("the share of another item", async () => {
    const [a, b] = [v.items[0]!, v.items[1]!];
    await assert.rejects(openWhat(gateOf({ ...a, what: b.what }), await examine(partsOf(a), key, m), key), { code: "share" });
    checkRecipient(m.recovery);
    await assert.rejects(decrypt(fromText("age-encryption.org/v1\n"), key.identity), { code: "decrypt" });
  });

  test.after(() => {
    writeFileSync(dir + "/made.json", JSON.stringify(Object.fromEntries(Object.entries(made).map(([k, b]) => [k, toBase64(b)]))));
  });
}
