// SPDX-License-Identifier: Apache-2.0

// What somebody has begun to write about an item and not saved. It lives in this
// window's memory and nowhere else. When a session ends by itself it is sealed to its
// writer's own key, so that nothing of it can be read until they sign in again; when
// they sign out, or somebody else signs in, it is gone.

import { type Bytes, fromText, list, parseJSON, record, text, toText } from "../bytes.ts";
import { decrypt, encryptTo } from "../seal/sign.ts";

export interface Draft {
  text: string;
  outcome: string;
}

export class Drafts {
  private readonly open = new Map<string, Draft>();
  private resting: { person: string; box: Promise<Bytes> } | null = null;

  get(id: string): Draft | undefined {
    return this.open.get(id);
  }

  set(id: string, d: Draft): void {
    if (d.text.trim() === "") this.open.delete(id);
    else this.open.set(id, d);
  }

  has(id: string): boolean {
    return this.open.has(id);
  }

  get any(): boolean {
    return this.open.size > 0;
  }

  // rest seals what there is to its writer.
  rest(person: string, recipient: string): void {
    if (!this.any) return;
    const plain = fromText(JSON.stringify([...this.open].map(([id, d]) => ({ id, ...d }))));
    this.forget();
    const box = encryptTo(plain, recipient).finally(() => plain.fill(0));
    box.catch(() => undefined);
    this.resting = { person, box };
  }

  // wake opens what was sealed, if it is this person's. It reports whether there is any.
  async wake(person: string, identity: string): Promise<boolean> {
    const r = this.resting;
    this.resting = null;
    if (!r || r.person !== person) return false;
    try {
      const plain = await decrypt(await r.box, identity);
      for (const v of list(parseJSON(toText(plain)), 10_000)) {
        const d = record(v);
        this.open.set(text(d.id, 64), { text: text(d.text), outcome: text(d.outcome, 64) });
      }
      plain.fill(0);
    } catch {
      return false; // another key under the same name
    }
    return this.any;
  }

  forget(): void {
    this.open.clear();
    this.resting = null;
  }
}
