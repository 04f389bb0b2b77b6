// SPDX-License-Identifier: Apache-2.0

// Looks for secrets in whatever somebody else gets to see, in the encodings that programs
// leave by accident. The same search as the service's own canary makes.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

interface Needle {
  name: string;
  folded: boolean; // looked for in lower-cased data
  bytes: Buffer;
}

// A Hunter knows secrets by name: "the identity", "the word safe in the note".
export class Hunter {
  private readonly needles: Needle[] = [];

  // know adds a secret. cut also finds pieces of it of that many characters.
  know(name: string, secret: string, cut = 0): this {
    const raw = Buffer.from(secret, "utf8");
    const fold = (how: string, text: string): void => void this.needles.push({ name: `${name} ${how}`, folded: true, bytes: lower(Buffer.from(text, "utf8")) });
    const exact = (how: string, b: Buffer): void => void this.needles.push({ name: `${name} ${how}`, folded: false, bytes: b });
    const each = (f: (byte: number) => string, between = ""): string => [...raw].map(f).join(between);
    const hex = (b: number): string => b.toString(16).padStart(2, "0");

    fold("as it is", secret);
    for (let i = 0; cut > 0 && i + cut <= secret.length; i += 3) fold("in part", secret.slice(i, i + cut));
    fold("as an address writes it", encodeURIComponent(secret));
    fold("with plus signs", encodeURIComponent(secret).replaceAll("%20", "+"));
    fold("in percents", each((b) => "%" + hex(b)));
    fold("in percents twice", each((b) => "%25" + hex(b)));
    fold("in hex", each(hex));
    fold("in spaced hex", each(hex, " "));
    fold("in \\x", each((b) => "\\x" + hex(b)));
    fold("in \\u", each((b) => "\\u00" + hex(b)));
    fold("in decimals", each(String, ","));
    fold("in spaced decimals", each(String, " "));
    fold("in entities", each((b) => `&#${b};`));
    fold("in hex entities", each((b) => `&#x${b.toString(16)};`));
    fold("in quoted-printable", each((b) => "=" + hex(b)));
    fold("backwards", [...secret].reverse().join(""));
    exact("in utf-16", Buffer.from(secret, "utf16le"));
    exact("in utf-16 the other way", Buffer.from(secret, "utf16le").swap16());
    for (let offset = 0; offset < 3; offset++) {
      const text = Buffer.concat([Buffer.from("xx".slice(0, offset)), raw]).toString("base64").replaceAll("=", "");
      // The first and last characters depend on what stands beside it.
      const inner = text.slice(offset === 0 ? 0 : 4, -3);
      if (inner.length < 8) continue;
      exact("in base64", Buffer.from(inner));
      exact("in url base64", Buffer.from(inner.replaceAll("+", "-").replaceAll("/", "_")));
    }
    for (const kind of ["md5", "sha1", "sha256", "sha512"]) {
      const sum = createHash(kind).update(raw).digest();
      exact(`as ${kind}`, sum.subarray(0, 12));
      fold(`as ${kind} in hex`, sum.toString("hex").slice(0, 24));
      exact(`as ${kind} in base64`, Buffer.from(sum.toString("base64").slice(0, 16)));
    }
    return this;
  }

  // bytes adds a secret that is no text.
  bytes(name: string, secret: Uint8Array): this {
    const raw = Buffer.from(secret);
    this.needles.push({ name, folded: false, bytes: raw }, { name: name + " in hex", folded: true, bytes: Buffer.from(raw.toString("hex")) },
      { name: name + " in decimals", folded: true, bytes: Buffer.from([...raw].join(",")) });
    for (let offset = 0; offset < 3; offset++) {
      const text = Buffer.concat([Buffer.from("xx".slice(0, offset)), raw]).toString("base64").replaceAll("=", "").slice(offset === 0 ? 0 : 4, -3);
      this.needles.push({ name: name + " in base64", folded: false, bytes: Buffer.from(text) },
        { name: name + " in url base64", folded: false, bytes: Buffer.from(text.replaceAll("+", "-").replaceAll("/", "_")) });
    }
    return this;
  }

  // find names what stands in data.
  find(data: Uint8Array | string): string[] {
    const b = typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const low = lower(b);
    const found = new Set<string>();
    for (const n of this.needles) if ((n.folded ? low : b).includes(n.bytes)) found.add(n.name);
    for (const unpacked of unpack(b)) for (const name of this.find(unpacked)) found.add(name + ", packed");
    return [...found];
  }

  // findInFiles looks into every file below dir, and at the names of files.
  findInFiles(dir: string): string[] {
    const out: string[] = [];
    for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
      for (const f of this.find(name)) out.push(`${name}: its name: ${f}`);
      const path = join(dir, name);
      const s = statSync(path, { throwIfNoEntry: false });
      if (!s?.isFile()) continue;
      for (const f of this.find(readFileSync(path))) out.push(`${name}: ${f}`);
    }
    return out;
  }
}

// lower folds ASCII letters only, so that nothing moves.
function lower(b: Buffer): Buffer {
  const low = Buffer.from(b);
  for (let i = 0; i < low.length; i++) if (low[i]! >= 65 && low[i]! <= 90) low[i]! += 32;
  return low;
}

// unpack undoes the packing that browsers keep answers in: they put their own head before
// it, so a few places are tried.
function unpack(b: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let at = b.indexOf(Buffer.from([0x1f, 0x8b, 0x08])); at >= 0 && out.length < 8; at = b.indexOf(Buffer.from([0x1f, 0x8b, 0x08]), at + 1)) {
    for (const open of [gunzipSync, inflateSync, inflateRawSync, brotliDecompressSync]) {
      try {
        out.push(open(b.subarray(at), { maxOutputLength: 16 << 20 }));
        break;
      } catch {
        // not packed that way
      }
    }
  }
  return out;
}
