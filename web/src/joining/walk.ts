// SPDX-License-Identifier: Apache-2.0

// Joining is a walk: one short page after the other, each with one thing to do. What was
// made on the way is in this page's memory only, so the browser asks before it goes.

import { type App } from "../page/app.ts";
import { type Child, h } from "../page/dom.ts";
import { button, heading, para } from "../page/kit.ts";
import { GateError } from "../gate.ts";
import { SealError } from "../bytes.ts";
import { sentence } from "../page/faults.ts";

export class Walk {
  private at = 0;
  private readonly ask = (e: BeforeUnloadEvent): void => e.preventDefault();

  constructor(readonly app: App, private readonly title: string, private readonly of: number) {}

  // holds says that leaving now would lose what was made.
  holds(): void {
    window.addEventListener("beforeunload", this.ask);
  }

  done(): void {
    window.removeEventListener("beforeunload", this.ask);
  }

  // step shows the next page and waits until what it asks for is done.
  step<T>(name: Child, build: (done: (v: T) => void) => Child): Promise<T> {
    const n = Math.min(++this.at, this.of);
    return this.page(name, `Step ${n} of ${this.of}`, build);
  }

  // page shows a page that counts as no step.
  page<T>(name: Child, above: string, build: (done: (v: T) => void) => Child): Promise<T> {
    return new Promise((done) => {
      void this.app.shell.begin(() => ({
        title: this.title,
        body: [above ? h("p", { class: "govuk-caption-l" }, above) : null, heading(name), build(done)],
      }));
    });
  }

  // wait shows a page while something is awaited, and asks for it again and again until
  // there is an answer. Without an answer from the server it goes on asking.
  async wait<T>(name: string, say: (state: (text: string) => void) => Child, look: (state: (text: string) => void) => Promise<T | undefined>): Promise<T> {
    const line = h("p", { class: "govuk-body sw-waiting", role: "status" });
    const state = (text: string): void => {
      if (line.textContent !== text) line.textContent = text;
    };
    await this.app.shell.begin(() => ({ title: this.title, body: [heading(name), say(state), line] }));
    for (;;) {
      try {
        const found = await look(state);
        if (found !== undefined) return found;
      } catch (e) {
        if (!(e instanceof GateError) || e.code !== "offline") throw e;
        state(e.say);
      }
      await new Promise((r) => setTimeout(r, pause));
    }
  }

  // stop is the end from which there is no way on.
  stop(title: string, ...why: Child[]): never {
    this.done();
    this.app.shell.stop(title, ...why);
    throw new Stopped();
  }

  // run walks, and says what went wrong where the walk does not end as it should.
  async run(walk: () => Promise<void>): Promise<void> {
    try {
      await walk();
    } catch (e) {
      if (e instanceof Stopped) return;
      this.done();
      if (e instanceof SealError && ["signature", "foreign", "damaged", "signer"].includes(e.code)) {
        return this.app.shell.stop("Stop: somebody may stand between you", para("What the server handed over is not what the other person sent. Nothing was signed by this page."),
          para("Tell the other person by voice. Do not use this link again. Ring the headteacher, or whoever leads the school with them, on a number that you know."));
      }
      await this.app.shell.begin(() => ({ title: this.title, body: [heading("This did not work"), para(sentence(e)), button("Begin again", () => location.reload(), "secondary")] }));
    }
  }
}

// pause is how long a waiting page lets pass before it asks again, in milliseconds.
const pause = 1500;

class Stopped extends Error {}
