// SPDX-License-Identifier: Apache-2.0

// What a signed-in person's page holds: the key, the manifest, the list. All of it is in
// memory and goes with lock(): nothing is ever put into the browser's storage.

import { type Bytes, SealError, concat, fromText, toBase64 } from "./bytes.ts";
import { type Gate, GateError, type Row } from "./gate.ts";
import { type Key } from "./key.ts";
import { type Manifest, type Person, personOf, verifyManifest } from "./manifest.ts";
import { type Roster, type RosterRow, loadRoster, saveRoster } from "./roster.ts";
import { levels } from "./seal/label.ts";
import { SigningKey, recipientOf } from "./seal/sign.ts";
import { type Examined } from "./unseal.ts";
import type { Answer, Order } from "./worker.ts";

export type Listed = Pick<Examined, "id" | "state" | "rung" | "faults" | "label" | "number">;

// A Helper is the worker behind a promise.
export class Helper {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { done: (a: Answer) => void; failed: (e: Error) => void }>();
  private n = 0;

  constructor(url: string) {
    this.worker = new Worker(trusted(url));
    this.worker.onmessage = (e: MessageEvent<Answer>) => {
      const w = this.waiting.get(e.data.n);
      this.waiting.delete(e.data.n);
      if ("fault" in e.data) w?.failed(new SealError(e.data.fault as SealError["code"]));
      else w?.done(e.data);
    };
    this.worker.onerror = () => {
      for (const w of this.waiting.values()) w.failed(new SealError("damaged"));
      this.waiting.clear();
    };
  }

  private ask(o: Order): Promise<Answer> {
    return new Promise((done, failed) => {
      this.waiting.set(o.n, { done, failed });
      this.worker.postMessage(o);
    });
  }

  async openKey(file: Uint8Array, passphrase: string): Promise<Key> {
    const a = await this.ask({ do: "open-key", n: ++this.n, file, passphrase });
    if (!("key" in a)) throw new SealError("damaged");
    return { ...a.key, signing: SigningKey.parse(a.key.signing) };
  }

  async wrapKey(key: Key, passphrase: string): Promise<Uint8Array> {
    const a = await this.ask({ do: "wrap-key", n: ++this.n, key: { ...key, signing: key.signing.secret() }, passphrase });
    if (!("file" in a)) throw new SealError("damaged");
    return a.file;
  }

  async rows(rows: Row[], identity: string, m: Manifest): Promise<Listed[]> {
    const a = await this.ask({ do: "rows", n: ++this.n, rows, identity, manifest: { sealers: m.sealers, readers: m.readers } });
    if (!("rows" in a)) throw new SealError("damaged");
    return a.rows;
  }

  end(): void {
    this.worker.terminate();
    for (const w of this.waiting.values()) w.failed(new SealError("missing"));
    this.waiting.clear();
  }
}

// trusted gives the worker's address the type that the page's policy asks for. It is
// one constant address of our own origin, and the only thing the policy lets through.
const workerURL = "/assets/worker.js";

function trusted(url: string): string {
  if (url !== workerURL) throw new SealError("value");
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, o: object): { createScriptURL(u: string): unknown } } }).trustedTypes;
  policy ??= types?.createPolicy("sealwatch", { createScriptURL: (u: string) => (u === workerURL ? u : "") });
  return (policy ? policy.createScriptURL(url) : url) as string;
}

let policy: { createScriptURL(u: string): unknown } | undefined;

export class Desk {
  listed: Listed[] = [];
  total = 0;
  private marks = new Map<string, { mark: string; listed: Listed }>();
  private glimpse = "";
  private roster: Roster | null = null;
  private locked = false;

  private constructor(readonly gate: Gate, readonly key: Key, public manifest: Manifest, readonly me: Person, private helper: Helper) {}

  // open signs in with a key. It throws "signature" or "foreign" if the school that
  // answers is not the one the key belongs to: that is a full stop, not a retry; and
  // "not-yours" if the school does not have this person with this key any more.
  static async open(gate: Gate, key: Key): Promise<Desk> {
    await gate.signIn(key.school, key.person, key.signing);
    const m = verifyManifest(await gate.manifest(), key.root, key.founding);
    const me = personOf(m, key.person);
    if (!me || me.verify !== key.signing.verifyKey() || me.recipient !== (await recipientOf(key.identity))) throw new SealError("not-yours");
    return new Desk(gate, key, m, me, new Helper(workerURL));
  }

  async refreshManifest(): Promise<void> {
    const m = verifyManifest(await this.gate.manifest(), this.key.root, this.key.founding);
    if (m.serial < this.manifest.serial) throw new SealError("foreign");
    this.manifest = m;
  }

  // load fetches the list page by page and opens the labels that are not open yet;
  // progress is called after each page. A list that changes meanwhile is read anew.
  async load(progress: (done: number, total: number) => void): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        if (await this.loadOnce(progress)) return;
      } catch (e) {
        if (!(e instanceof GateError) || e.code !== "conflict" || tries >= 3) throw e;
      }
      if (tries >= 3) return; // it never stands still: what there is, is shown
    }
  }

  private async loadOnce(progress: (done: number, total: number) => void): Promise<boolean> {
    const all = new Map<string, Listed>();
    const marks = new Map<string, { mark: string; listed: Listed }>();
    let after = "";
    do {
      const page = await this.gate.list(after, 100);
      const marked = await Promise.all(page.rows.map(markOf));
      if (after === "") this.glimpse = seen(page.total, marked);
      const known = page.rows.map((r, i) => this.marks.get(r.id)?.mark === marked[i] ? this.marks.get(r.id)!.listed : null);
      const fresh = await this.helper.rows(page.rows.filter((_, i) => !known[i]), this.key.identity, this.manifest);
      page.rows.forEach((r, i) => {
        const listed = known[i] ?? fresh.shift();
        if (!listed) throw new SealError("missing");
        all.set(r.id, listed);
        marks.set(r.id, { mark: marked[i]!, listed });
      });
      if (this.locked) throw new SealError("missing");
      this.total = page.total;
      if (this.listed.length < all.size) this.listed = [...all.values()].sort(byNeed);
      progress(all.size, page.total);
      after = page.next;
    } while (after !== "");
    this.marks = marks;
    this.listed = [...all.values()].sort(byNeed);
    return all.size === this.total;
  }

  // changed asks, with a call that is always alike, whether the list is another than
  // the one that was loaded.
  async changed(): Promise<boolean> {
    const page = await this.gate.list("", glance);
    return seen(page.total, await Promise.all(page.rows.map(markOf))) !== this.glimpse;
  }

  // names is the school's list of whose account is whose: opened at the first need, which
  // is recorded, and then kept until this person signs out.
  async names(): Promise<Roster> {
    this.roster ??= await loadRoster(this.gate, this.key, this.manifest);
    return this.roster;
  }

  get namesOpen(): boolean {
    return this.roster !== null;
  }

  async saveNames(rows: RosterRow[]): Promise<void> {
    const { file } = await this.names();
    this.roster = { rows, file: await saveRoster(this.gate, this.key, this.manifest, file, rows) };
  }

  // staleNames forgets the list of names: somebody else has saved another.
  staleNames(): void {
    this.roster = null;
  }

  lock(): void {
    this.locked = true;
    this.helper.end();
    this.key.signing.wipe();
    this.key.identity = "";
    this.listed = [];
    this.marks.clear();
    this.roster = null;
  }
}

// glance is how many rows tell whether a list has changed: it is in order of need.
const glance = 25;

function seen(total: number, marks: string[]): string {
  return [total, ...marks.slice(0, glance)].join(" ");
}

// markOf is a hash of all that a list has of an item.
async function markOf(r: Row): Promise<string> {
  const all = concat(fromText(`${r.state} ${r.rung} ${r.headers.length}\n`), ...r.headers, r.lock, ...(r.label ? [r.label.head, r.label.file] : []));
  return toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", all)));
}

// byNeed orders a list: what is damaged first, because nobody can say how grave it is,
// then what is undecided, by level and age, and what is decided last.
export function byNeed(a: Listed, b: Listed): number {
  const rank = (x: Listed): number => (x.state === "damaged" || !x.label ? 0 : x.state === "decided" ? 2 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const level = (x: Listed): number => levels.indexOf(x.label?.level ?? "none");
  if (level(a) !== level(b)) return level(b) - level(a);
  const at = (x: Listed): number => x.label?.last?.getTime() ?? 0;
  return rank(a) === 2 ? at(b) - at(a) : at(a) - at(b);
}

export const helperURL = workerURL;

// wrapAway wraps a key away from the page, so that the page stays quick.
export async function wrapAway(key: Key, passphrase: string): Promise<Bytes> {
  const helper = new Helper(workerURL);
  try {
    return (await helper.wrapKey(key, passphrase)) as Bytes;
  } finally {
    helper.end();
  }
}
