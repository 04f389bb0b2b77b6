// SPDX-License-Identifier: Apache-2.0

// What the gate tells technicians: how the machine is. There is no field for anything
// that was found.

import { flag, list, record, text, time, whole } from "../bytes.ts";

export interface TechSource {
  name: string;
  quiet: string;
  late: boolean;
  rates: number[]; // lines a second, by quarter of an hour; -1: nobody looked
  unparsed: { code: string; share: string }[];
  shape: string;
  carries: string[];
}

export interface Technician {
  now: Date | null;
  version: string;
  policy: string;
  manifest: string;
  stage: string;
  missing: { say: string; who: string }[];
  amber: string[];
  sources: TechSource[];
  diskFree: number;
  diskPercent: number;
  certificate: Date | null;
  backup: Date | null;
  exposed: { source: string; say: string; do: string }[];
}

export function technician(v: Record<string, unknown>): Technician {
  const some = (x: unknown): unknown[] => (x === undefined ? [] : list(x, 1000));
  return {
    now: time(v.now), version: text(v.version, 100), policy: text(v.policy, 64), manifest: text(v.manifest, 64), stage: text(v.stage, 20),
    missing: some(v.missing).map((m) => ({ say: text(record(m).say, 1000), who: text(record(m).who, 200) })),
    amber: some(v.amber).map((a) => text(a, 1000)), sources: some(v.sources).map(source),
    diskFree: Number(v.disk_free), diskPercent: whole(v.disk_percent), certificate: time(v.certificate), backup: time(v.backup),
    exposed: some(v.exposed).map((e) => ({ source: text(record(e).source, 32), say: text(record(e).say, 1000), do: text(record(e).do, 1000) })),
  };
}

function source(v: unknown): TechSource {
  const s = record(v);
  const some = (x: unknown): unknown[] => (x === undefined ? [] : list(x, 1000));
  return {
    name: text(s.name, 32), quiet: text(s.last_line, 40), late: flag(s.late), rates: list(s.rates, 96).map(Number), shape: text(s.shape, 300),
    unparsed: some(s.unparsed).map((u) => ({ code: text(record(u).code, 64), share: text(record(u).share, 40) })),
    carries: some(s.carries).map((c) => text(c, 300)),
  };
}
