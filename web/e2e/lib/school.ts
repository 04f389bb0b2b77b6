// SPDX-License-Identifier: Apache-2.0

// A school in a folder of a test's own: a copy of the demonstration.

import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gate } from "../../src/gate.ts";
import { type Key, openKey } from "../../src/key.ts";
import { decrypt } from "../../src/seal/sign.ts";
import { type Ran, Serving, must, root, run, sealopen, sealwatch } from "./programs.ts";

export const template = join(root, "build/browser/school");

export type Name = "dsl" | "deputy" | "head" | "chair" | "external" | "technician";

// temporary makes a folder that is gone when the tests of this file are over.
export function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), "sealwatch-browser-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

// makeTemplate founds the demonstration that all tests copy.
export function makeTemplate(): void {
  rmSync(template, { recursive: true, force: true });
  mkdirSync(join(template, ".."), { recursive: true });
  School.found(template);
}

export class School {
  private server: Serving | null = null;
  private readonly keys = new Map<Name, Key>();

  constructor(readonly dir: string) {}

  static copy(): School {
    const dir = join(temporary(), "school");
    cpSync(template, dir, { recursive: true });
    return new School(dir);
  }

  // found makes a demonstration school with keys of its own.
  static found(dir = join(temporary(), "another")): School {
    must(sealopen, ["demo-school", dir]);
    const s = new School(dir);
    writeFileSync(s.config, readFileSync(s.config, "utf8").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:0"));
    return s;
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts);
  }

  get config(): string {
    return this.path("sealwatch.yaml");
  }

  // url is that of the pages: a name, because a passkey belongs to one.
  get url(): string {
    return this.api.replace("127.0.0.1", "localhost");
  }

  // api is the address as the service says it.
  get api(): string {
    if (!this.server) throw new Error("the service does not run");
    return this.server.said;
  }

  get log(): string {
    return this.server?.log ?? "";
  }

  passphrase(name: Name): string {
    const m = new RegExp(`^${name}: (.+)$`, "m").exec(readFileSync(this.path("people", "passphrases.txt"), "utf8"));
    if (!m) throw new Error("no passphrase of " + name);
    return m[1]!;
  }

  keyFile(name: Name): Uint8Array {
    return readFileSync(this.path("people", name + ".key"));
  }

  async key(name: Name): Promise<Key> {
    const k = this.keys.get(name) ?? (await openKey(this.keyFile(name), this.passphrase(name)));
    this.keys.set(name, k);
    return k;
  }

  // gate is signed in as the person.
  async gate(name: Name): Promise<Gate> {
    const k = await this.key(name);
    const gate = new Gate(this.api);
    await gate.signIn(k.school, k.person, k.signing);
    return gate;
  }

  // write appends to the proxy's log.
  write(text: string): void {
    appendFileSync(this.path("access.log"), text);
  }

  // morning writes a whole made-up school morning.
  morning(lines = 2000, seed = 0): void {
    const file = this.path("morning.log");
    rmSync(file, { force: true });
    must(sealopen, ["demo-morning", file, "--lines", String(lines), "--seed", String(seed)]);
    this.write(readFileSync(file, "utf8"));
  }

  async serve(...args: string[]): Promise<void> {
    this.server = await Serving.start(sealwatch, ["serve", "-c", this.config, ...args], /^listening on (\S+)/m);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = null;
  }

  as(name: Name, ...args: string[]): Ran {
    return run(sealopen, ["--server", this.api, "--key", this.path("people", name + ".key"), "--passphrase-file", this.path("people", "passphrases.txt"), ...args]);
  }

  // waitFor waits until the person has so many items.
  async waitFor(name: Name, items: number): Promise<void> {
    const gate = await this.gate(name);
    for (let i = 0; ; i++) {
      const { total } = await gate.list("", 1);
      if (total >= items) break;
      if (i > 300) throw new Error(`${name} has ${total} items, not ${items}, after a minute\n${this.log}`);
      await new Promise((r) => setTimeout(r, 200));
    }
    await gate.signOut();
  }

  // acts are the entries of the ledger, opened with the headteacher's key.
  async acts(name: Name = "head"): Promise<{ actor: string; act: string; envelope?: string; part?: string; detail?: string }[]> {
    const key = await this.key(name);
    const leaves = this.sql("SELECT hex(leaf) FROM ledger_leaves ORDER BY n").split("\n").filter(Boolean);
    const out = [];
    for (const leaf of leaves) {
      const plain = await decrypt(Uint8Array.from(Buffer.from(leaf, "hex")), key.identity);
      out.push(JSON.parse(new TextDecoder().decode(plain)) as { actor: string; act: string; envelope?: string; part?: string; detail?: string });
    }
    return out;
  }

  // sql does to the store what a fault or an attacker with the disk would.
  sql(text: string): string {
    const file = this.path("state", "store", "sealwatch.db");
    if (!existsSync(file)) throw new Error("no store at " + file);
    return must("sqlite3", ["-cmd", ".timeout 10000", file, text]);
  }

  // metric is a figure of the service's.
  async metric(name: string): Promise<number> {
    const text = await (await fetch(this.api + "/metrics")).text();
    const m = new RegExp(`^${name} (\\S+)$`, "m").exec(text);
    if (!m) throw new Error("no figure " + name);
    return Number(m[1]);
  }
}
