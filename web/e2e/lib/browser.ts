// SPDX-License-Identifier: Apache-2.0

// Chromium, and what it noticed: every test ends with a look at whether a page asked
// another origin for anything, broke its own policy, threw, or opened a dialog.

import assert from "node:assert/strict";
import { type Browser, type BrowserContext, type CDPSession, type LaunchOptions, type Page, chromium } from "playwright-core";
import { temporary } from "./school.ts";

// Chromium's own traffic is switched off, so that a request seen is a request of a page's.
// no-sandbox: containers and root have none; the pages are our own.
export const flags = [
  "--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync",
  "--disable-default-apps", "--disable-domain-reliability", "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
];

const options: LaunchOptions = { executablePath: process.env.SEALWATCH_CHROMIUM ?? "/usr/bin/chromium", args: flags, headless: true };

export function launch(): Promise<Browser> {
  return chromium.launch(options);
}

// contextOptions are those of a person's device.
export const device = { locale: "en-GB", timezoneId: "Europe/London", viewport: { width: 1200, height: 900 }, reducedMotion: "reduce" as const };

// withProfile is a browser whose profile is on disk, for those who look into it later.
export async function withProfile(dir = temporary()): Promise<{ context: BrowserContext; dir: string }> {
  return { context: await chromium.launchPersistentContext(dir, { ...options, ...device }), dir };
}

// A Watch notes what must not happen.
export class Watch {
  readonly faults: string[] = [];
  readonly bodies: { url: string; body: string }[] = [];
  private readonly allowed = new Set<string>();

  constructor(context: BrowserContext, ...origins: string[]) {
    for (const o of origins) this.allow(o);
    context.on("request", (r) => {
      const url = new URL(r.url());
      if (!["data:", "blob:"].includes(url.protocol) && !this.allowed.has(url.origin)) this.faults.push("asked " + r.url());
      this.bodies.push({ url: r.url(), body: r.postData() ?? "" });
    });
    context.on("page", (p) => this.page(p));
    for (const p of context.pages()) this.page(p);
  }

  allow(origin: string): void {
    this.allowed.add(new URL(origin).origin);
  }

  private page(p: Page): void {
    p.on("dialog", (d) => {
      this.faults.push("dialog: " + d.message());
      void d.dismiss();
    });
    p.on("pageerror", (e) => this.faults.push("threw: " + e.message + "\n" + (e.stack ?? "")));
    p.on("console", (m) => {
      // A refusal of the gate is an answer, and the browser writes a line for it.
      if (["error", "warning"].includes(m.type()) && !/^Failed to load resource: the server responded with a status of 4\d\d/.test(m.text())) this.faults.push(`console ${m.type()}: ${m.text()}`);
    });
    p.on("popup", (q) => this.faults.push("opened a window: " + q.url()));
  }

  // expect takes away faults that a test brought about itself; there must be some.
  expect(pattern: RegExp): void {
    const before = this.faults.length;
    for (let i = this.faults.length - 1; i >= 0; i--) if (pattern.test(this.faults[i]!)) this.faults.splice(i, 1);
    assert.ok(this.faults.length < before, `nothing noticed of ${pattern}`);
  }

  check(): void {
    assert.deepEqual(this.faults, []);
  }
}

// A Person is somebody at a browser of their own.
export class Person {
  private constructor(readonly context: BrowserContext, readonly page: Page, readonly watch: Watch) {}

  static async at(browser: Browser, url: string, more: Parameters<Browser["newContext"]>[0] = {}): Promise<Person> {
    const context = await browser.newContext({ ...device, ...more });
    const watch = new Watch(context, url);
    const page = await context.newPage();
    await page.goto(url);
    return new Person(context, page, watch);
  }

  async leave(): Promise<void> {
    this.watch.check();
    await this.context.close();
  }
}

// passkeyDevice puts an authenticator into a page's device. It is new for each test: after
// a refusal the same one refuses what it should do.
export async function passkeyDevice(page: Page, o: { prf?: boolean; verified?: boolean } = {}): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      hasPrf: o.prf ?? true, isUserVerified: o.verified ?? true, automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}
