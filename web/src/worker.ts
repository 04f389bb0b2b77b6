// SPDX-License-Identifier: Apache-2.0

// Opens the locks of a list, and opens and wraps key files, away from the page, so that the page stays
// quick. It holds the identity in its memory only, and ends with the page.

import { type Key, openKey, wrapKey } from "./key.ts";
import { SigningKey } from "./seal/sign.ts";
import { type Row } from "./gate.ts";
import { type Manifest } from "./manifest.ts";
import { type Examined, examineRow } from "./unseal.ts";
import { SealError } from "./bytes.ts";

export type PlainKey = Omit<Key, "signing"> & { signing: string };

export type Order =
  | { do: "open-key"; n: number; file: Uint8Array; passphrase: string }
  | { do: "wrap-key"; n: number; key: PlainKey; passphrase: string }
  | { do: "rows"; n: number; rows: Row[]; identity: string; manifest: Pick<Manifest, "sealers" | "readers"> };

export type Answer =
  | { n: number; fault: string }
  | { n: number; key: PlainKey }
  | { n: number; file: Uint8Array }
  | { n: number; rows: Pick<Examined, "id" | "state" | "rung" | "faults" | "label" | "number">[] };

self.onmessage = async (e: MessageEvent<Order>) => {
  const o = e.data;
  try {
    if (o.do === "open-key") {
      const k = await openKey(o.file, o.passphrase);
      answer({ n: o.n, key: { ...k, signing: k.signing.secret() } });
      return;
    }
    if (o.do === "wrap-key") {
      answer({ n: o.n, file: await wrapKey({ ...o.key, signing: SigningKey.parse(o.key.signing) }, o.passphrase) });
      return;
    }
    const rows: Pick<Examined, "id" | "state" | "rung" | "faults" | "label" | "number">[] = [];
    for (const r of o.rows) {
      const x = await examineRow(r, { identity: o.identity }, o.manifest as Manifest);
      rows.push({ id: x.id, state: x.state, rung: x.rung, faults: x.faults, label: x.label, number: x.number });
    }
    answer({ n: o.n, rows });
  } catch (err) {
    answer({ n: o.n, fault: err instanceof SealError ? err.code : "damaged" });
  }
};

function answer(a: Answer): void {
  (self as unknown as { postMessage(a: Answer): void }).postMessage(a);
}
