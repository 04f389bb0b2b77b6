// SPDX-License-Identifier: Apache-2.0

// Ed25519 within domains, SHA-256, and age files to hybrid keys. Nothing here is of
// our own making: @noble and age-encryption do the work.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 as hash } from "@noble/hashes/sha2.js";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import { type Bytes, MaxPart, SealError, concat, fail, fromBase64, fromText, toBase64 } from "../bytes.ts";

export type Domain = "envelope" | "locks" | "append" | "share" | "clear" | "manifest" | "policy" | "session" | "file";

export const SignatureSize = 64;

export function sha256(...parts: Uint8Array[]): Bytes {
  return hash(concat(...parts)) as Bytes;
}

function signed(domain: Domain, message: Uint8Array): Bytes {
  return concat(fromText(`sealwatch/${domain}/v1\n`), message);
}

// A SigningKey is a seed; it leaves memory only inside a wrapped key file.
export class SigningKey {
  private constructor(private readonly seed: Bytes, readonly publicKey: Bytes) {}
  static make(): SigningKey {
    return SigningKey.of(crypto.getRandomValues(new Uint8Array(32)));
  }
  static of(seed: Bytes): SigningKey {
    if (seed.length !== 32) fail("key");
    return new SigningKey(seed, ed25519.getPublicKey(seed) as Bytes);
  }
  static parse(text: unknown): SigningKey {
    return SigningKey.of(fromBase64(text));
  }
  secret(): string {
    return toBase64(this.seed);
  }
  verifyKey(): string {
    return toBase64(this.publicKey);
  }
  sign(domain: Domain, message: Uint8Array): Bytes {
    return ed25519.sign(signed(domain, message), this.seed) as Bytes;
  }
  wipe(): void {
    this.seed.fill(0);
  }
}

export function verify(domain: Domain, message: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  if (signature.length !== SignatureSize || key.length !== 32) return false;
  try {
    // zip215 false: the strict rules of RFC 8032, as Go's crypto/ed25519 has them.
    return ed25519.verify(signature, signed(domain, message), key, { zip215: false });
  } catch {
    return false;
  }
}

// An identity is the 77 characters of an age hybrid identity.
export const SecretSize = 77;

export function checkIdentity(text: string): string {
  if (text.length !== SecretSize || !text.startsWith("AGE-SECRET-KEY-PQ-1")) fail("key");
  return text;
}

export function checkRecipient(text: unknown): string {
  if (typeof text !== "string" || text.length !== 1959 || !/^age1pq1[a-z0-9]+$/.test(text)) fail("key");
  return text;
}

export async function makeIdentity(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateHybridIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export async function recipientOf(identity: string): Promise<string> {
  try {
    return await identityToRecipient(checkIdentity(identity));
  } catch {
    return fail("key");
  }
}

export async function encryptTo(plain: Uint8Array, ...to: string[]): Promise<Bytes> {
  const e = new Encrypter();
  for (const r of to) e.addRecipient(checkRecipient(r));
  return (await e.encrypt(plain)) as Bytes;
}

// decrypt opens a whole age file, or nothing of it.
export async function decrypt(file: Uint8Array, identity: string): Promise<Bytes> {
  if (file.length > MaxPart) fail("size");
  try {
    const d = new Decrypter();
    d.addIdentity(checkIdentity(identity));
    return (await d.decrypt(file)) as Bytes;
  } catch (e) {
    if (e instanceof SealError) throw e;
    return fail("decrypt");
  }
}
