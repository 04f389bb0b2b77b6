// SPDX-License-Identifier: Apache-2.0

// A person's key: made in this browser, wrapped by a passphrase and, for convenience, by
// a passkey. The wrapped file is the same that sealopen reads.

import { Decrypter, Encrypter, armor, webauthn } from "age-encryption";
import { SealError, equal, fail, fromBase64, fromHex, fromText, parseJSON, random, record, text, toText } from "./bytes.ts";
import { SigningKey, checkIdentity, decrypt, encryptTo, makeIdentity, recipientOf } from "./seal/sign.ts";

export interface Key {
  school: string; // id of the school
  person: string;
  identity: string;
  signing: SigningKey;
  root: string; // the headteacher's verify key, base64
  founding: string; // the founding hash, hex; empty in a key that is older than that
  demo: boolean;
}

// workFactor is scrypt's logN: about a second and 256 MiB for each guess.
export const workFactor = 18;
const maxKeyFile = 16 << 10;
const headerLine = /^SEALWATCH KEY v1 · person ([a-z0-9][a-z0-9-]{0,63})( · DEMO)?$/;

export async function makeKey(person: string): Promise<{ key: Key; recipient: string }> {
  const { identity, recipient } = await makeIdentity();
  return { key: { school: "", person, identity, signing: SigningKey.make(), root: "", founding: "", demo: false }, recipient };
}

function plain(k: Key): Uint8Array {
  return fromText(JSON.stringify({
    school: k.school, person: k.person, identity: k.identity, signing: k.signing.secret(), root: k.root, founding: k.founding, demo: k.demo,
  }));
}

function parsePlain(b: Uint8Array): Key {
  const j = record(parseJSON(toText(b)));
  const founding = text(j.founding, 64);
  if (founding !== "") fromHex(founding, 32);
  const root = text(j.root, 64);
  if (fromBase64(root).length !== 32) fail("key");
  return {
    school: text(j.school, 64), person: text(j.person, 64), identity: checkIdentity(text(j.identity, 128)),
    signing: SigningKey.parse(j.signing), root, founding, demo: j.demo === true,
  };
}

// foldPassphrase forgives capitals and spaces, as sealopen does.
export function foldPassphrase(p: string): string {
  return p.toLowerCase().trim().split(/\s+/).join(" ");
}

export async function wrapKey(k: Key, passphrase: string, testOnlyWorkFactor = workFactor): Promise<Uint8Array> {
  const e = new Encrypter();
  e.setPassphrase(foldPassphrase(passphrase));
  e.setScryptWorkFactor(testOnlyWorkFactor);
  const file = await e.encrypt(plain(k));
  return fromText(`SEALWATCH KEY v1 · person ${k.person}${k.demo ? " · DEMO" : ""}\n` + armor.encode(file) + "\n");
}

// openKey opens a key file. It throws "format" for what is no key file, "decrypt" for a
// passphrase that does not open it.
export async function openKey(file: Uint8Array, passphrase: string): Promise<Key> {
  if (file.length > maxKeyFile) fail("size");
  const all = toText(file);
  const end = all.indexOf("\n");
  const head = headerLine.exec(all.slice(0, end < 0 ? 0 : end).replace(/\r$/, ""));
  if (!head) fail("format");
  let raw: Uint8Array;
  try {
    raw = armor.decode(all.slice(end + 1).trim() + "\n");
  } catch {
    return fail("format");
  }
  // One scrypt stanza and no more work than we ask of ourselves: whoever hands out the
  // file must not be able to keep a phone busy for an hour.
  const stanza = /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} (\d{1,2})\n/.exec(String.fromCharCode(...raw.subarray(0, 100)));
  if (!stanza || Number(stanza[1]) > workFactor) fail("format");
  let k: Key;
  try {
    const d = new Decrypter();
    d.addPassphrase(foldPassphrase(passphrase));
    k = parsePlain(await d.decrypt(raw));
  } catch (e) {
    if (e instanceof SealError) throw e;
    return fail("decrypt");
  }
  if (k.person !== head[1] || k.demo !== (head[2] !== undefined)) fail("format");
  return k;
}

// A Passkey is a second wrap of the same key. The credential never leaves this device's
// authenticator, its result never leaves this page, and no server has a part in it.
export interface Passkey {
  name: string;
  credential: string; // names the credential; opens nothing
  file: Uint8Array;
}

// makePasskey makes a credential, wraps the key to it, and then really opens the wrap
// and a message with it: some devices promise at enrolment what they cannot do later.
export async function makePasskey(k: Key, name: string, keyName: string): Promise<Passkey> {
  const credential = await webauthn.createCredential({ keyName });
  const e = new Encrypter();
  e.addRecipient(new webauthn.WebAuthnRecipient({ identity: credential }));
  const file = await e.encrypt(plain(k));
  const p = { name, credential, file };
  const again = await openPasskey(p);
  const probe = random(32);
  const box = await encryptTo(probe, await recipientOf(k.identity));
  if (again.person !== k.person || !equal(await decrypt(box, again.identity), probe)) fail("key");
  return p;
}

export async function openPasskey(p: Passkey): Promise<Key> {
  if (p.file.length > maxKeyFile) fail("size");
  const d = new Decrypter();
  d.addIdentity(new webauthn.WebAuthnIdentity({ identity: p.credential }));
  return parsePlain(await d.decrypt(p.file));
}

// passkeysPossible says whether this browser can hold a key behind a passkey at all.
export function passkeysPossible(): boolean {
  return window.isSecureContext && "credentials" in navigator && "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);
}
