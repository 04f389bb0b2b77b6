// SPDX-License-Identifier: Apache-2.0

// Runs the built programs, and ends those that serve.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

// The bundles of these tests lie in web/build/e2e.
export const root = resolve(fileURLToPath(import.meta.url), "../../../..");
export const sealwatch = resolve(root, "bin/sealwatch");
export const sealopen = resolve(root, "bin/sealopen");

export interface Ran {
  out: string;
  err: string;
  code: number;
}

export function run(program: string, args: string[], input = ""): Ran {
  const r = spawnSync(program, args, { encoding: "utf8", input, maxBuffer: 256 << 20, timeout: 120_000 });
  if (r.error) throw r.error;
  return { out: r.stdout, err: r.stderr, code: r.status ?? -1 };
}

// must runs a program that has to succeed.
export function must(program: string, args: string[], input = ""): string {
  const r = run(program, args, input);
  if (r.code !== 0) throw new Error(`${program} ${args[0]}: exit ${r.code}\n${r.err}`);
  return r.out;
}

// A Serving is a program that runs until it is stopped.
export class Serving {
  private constructor(private readonly child: ChildProcess, readonly said: string, private readonly output: string[]) {}

  // start resolves once the program has printed what pattern matches; said is the first group.
  static start(program: string, args: string[], pattern: RegExp): Promise<Serving> {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output: string[] = [];
    return new Promise((done, failed) => {
      const late = setTimeout(() => {
        child.kill("SIGKILL");
        failed(new Error(`${program} ${args[0]} did not begin within 30 s\n${output.join("")}`));
      }, 30_000);
      let out = "";
      child.stderr!.setEncoding("utf8").on("data", (s: string) => output.push(s));
      child.stdout!.setEncoding("utf8").on("data", (s: string) => {
        output.push(s);
        out += s;
        const m = pattern.exec(out);
        if (!m) return;
        clearTimeout(late);
        done(new Serving(child, m[1]!, output));
      });
      child.on("error", failed);
      child.on("exit", (code) => {
        clearTimeout(late);
        failed(new Error(`${program} ${args[0]} ended with ${code}\n${output.join("")}`));
      });
    });
  }

  // log is what the program has printed.
  get log(): string {
    return this.output.join("");
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise<void>((done) => this.child.once("exit", () => done()));
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(late);
  }
}
