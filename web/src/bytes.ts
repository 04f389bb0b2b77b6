// SPDX-License-Identifier: Apache-2.0

// Bytes in and out: base64, hex, and the layouts of docs/formats.md. What does not
// fit throws a SealError with a code of a closed set; no error quotes what was read.

export type FaultCode = "format" | "version" | "size" | "damaged" | "signature" | "signer" | "chain" | "foreign" | "share" | "decrypt" | "key" | "missing" | "not-yours" | "value";

export class SealError extends Error {
  constructor(readonly code: FaultCode) {
    super(code);
  }
}

export function fail(code: FaultCode): never {
  throw new SealError(code);
}

export type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();
const strictText = new TextDecoder("utf-8", { fatal: true });

export function fromText(s: string): Bytes {
  return utf8.encode(s) as Bytes;
}

export function toText(b: Uint8Array): string {
  try {
    return strictText.decode(b);
  } catch {
    return fail("format");
  }
}

export function toBase64(b: Uint8Array): string {
  let s = "";
  for (let i = 0; i < b.length; i += 0x8000) s += String.fromCharCode(...b.subarray(i, i + 0x8000));
  return btoa(s);
}

// fromBase64 reads standard base64 with padding and nothing else.
export function fromBase64(s: unknown): Bytes {
  if (typeof s !== "string" || s.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(s)) fail("format");
  let raw: string;
  try {
    raw = atob(s);
  } catch {
    return fail("format");
  }
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  if (toBase64(out) !== s) fail("format");
  return out;
}

export function toBase64url(b: Uint8Array): string {
  return toBase64(b).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromBase64url(s: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(s)) fail("format");
  const t = s.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(t + "=".repeat((4 - (t.length % 4)) % 4));
}

export function toHex(b: Uint8Array): string {
  return Array.from(b, (v) => v.toString(16).padStart(2, "0")).join("");
}

export function fromHex(s: unknown, length: number): Bytes {
  if (typeof s !== "string" || s.length !== 2 * length || !/^[0-9a-f]*$/.test(s)) fail("format");
  return Uint8Array.from({ length }, (_, i) => parseInt(s.slice(2 * i, 2 * i + 2), 16)) as Bytes;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let or = 0;
  for (let i = 0; i < a.length; i++) or |= a[i]! ^ b[i]!;
  return or === 0;
}

export function concat(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export function random(n: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(n));
}

export function allZero(b: Uint8Array): boolean {
  return b.every((v) => v === 0);
}

// MaxPart is the largest part that is read, in bytes.
export const MaxPart = 4 << 20;

// A Reader takes a part apart: big endian, lengths as 32 bits before what they measure.
export class Reader {
  private at = 0;
  constructor(private readonly b: Uint8Array) {
    if (b.length > MaxPart) fail("size");
  }
  magic(want: string): void {
    const got = String.fromCharCode(...this.fixed(4));
    if (got === want) return;
    fail(got.slice(0, 3) === want.slice(0, 3) ? "version" : "format");
  }
  fixed(n: number): Bytes {
    if (n > this.b.length - this.at) fail("format");
    const out = this.b.slice(this.at, this.at + n) as Bytes;
    this.at += n;
    return out;
  }
  u8(): number {
    return this.fixed(1)[0]!;
  }
  u32(): number {
    const b = this.fixed(4);
    return new DataView(b.buffer).getUint32(0);
  }
  bytes(limit: number): Bytes {
    const n = this.u32();
    if (n > limit) fail("size");
    return this.fixed(n);
  }
  text(limit: number): string {
    return toText(this.bytes(limit));
  }
  // before returns everything up to here.
  before(): Bytes {
    return this.b.slice(0, this.at) as Bytes;
  }
  rest(): Bytes {
    return this.b.slice(this.at) as Bytes;
  }
  done(): void {
    if (this.at !== this.b.length) fail("format");
  }
}

// A Writer lays out a part.
export class Writer {
  private parts: Uint8Array[] = [];
  u8(v: number): this {
    return this.fixed(Uint8Array.of(v));
  }
  u32(v: number): this {
    const b = new Uint8Array(4);
    new DataView(b.buffer).setUint32(0, v);
    return this.fixed(b);
  }
  time(v: Date): this {
    const b = new Uint8Array(8);
    new DataView(b.buffer).setBigInt64(0, BigInt(Math.floor(v.getTime() / 1000)));
    return this.fixed(b);
  }
  fixed(b: Uint8Array): this {
    this.parts.push(b);
    return this;
  }
  bytes(b: Uint8Array): this {
    return this.u32(b.length).fixed(b);
  }
  text(s: string): this {
    return this.bytes(fromText(s));
  }
  ascii(s: string): this {
    return this.fixed(fromText(s));
  }
  done(): Bytes {
    return concat(...this.parts);
  }
}

// parseJSON reads one JSON value of ours. Objects come without a prototype's
// surprises: a key "__proto__" is refused.
export function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === "__proto__") throw new Error();
      return value;
    });
  } catch {
    return fail("format");
  }
}

export function record(v: unknown): Record<string, unknown> {
  if (typeof v !== "object" || v === null || Array.isArray(v)) fail("format");
  return v as Record<string, unknown>;
}

export function list(v: unknown, limit = 100_000): unknown[] {
  if (v === undefined || v === null) return [];
  if (!Array.isArray(v) || v.length > limit) fail("format");
  return v as unknown[];
}

export function text(v: unknown, limit = 1 << 20): string {
  if (v === undefined) return "";
  if (typeof v !== "string" || v.length > limit) fail("format");
  return v;
}

export function whole(v: unknown): number {
  if (v === undefined) return 0;
  if (typeof v !== "number" || !Number.isSafeInteger(v) || v < 0) fail("format");
  return v;
}

export function flag(v: unknown): boolean {
  if (v === undefined) return false;
  if (typeof v !== "boolean") fail("format");
  return v;
}

// time reads RFC 3339; what is absent is null.
export function time(v: unknown): Date | null {
  if (v === undefined) return null;
  const s = text(v, 64);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(s)) fail("format");
  const d = new Date(s);
  if (Number.isNaN(d.getTime())) fail("format");
  return d.getTime() === Date.UTC(1, 0, 1) - 0 || s.startsWith("0001-01-01T00:00:00") ? null : d;
}
