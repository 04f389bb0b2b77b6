// SPDX-License-Identifier: Apache-2.0

// The gate's API (docs/api.md). Every answer is data of bounded size that is taken apart
// field by field: a server that answers something else is an error, never a page.

import { type Bytes, SealError, flag, fromBase64, list, parseJSON, record, text, time, toBase64, whole } from "./bytes.ts";
import { type Technician, technician } from "./machine/said.ts";
import { type Passkey } from "./key.ts";
import { type SigningKey } from "./seal/sign.ts";

const maxAnswer = 96 << 20; // a hundred items with the largest parts
const patience = 30_000; // milliseconds

// A GateError is an answer that something was not done. say is the gate's sentence for
// the person; it is shown as text.
export class GateError extends Error {
  constructor(readonly code: string, readonly say: string) {
    super(code);
  }
}

const offline = "Sealwatch cannot be reached. Check that you are on the school network, then try again.";
const odd = "The answer was not one that Sealwatch gives. Something else may be answering in its place. Stop here and tell the headteacher.";

export interface Row {
  id: string;
  state: "new" | "opened" | "decided" | "damaged";
  rung: number;
  headers: Bytes[];
  lock: Bytes;
  label: { head: Bytes; file: Bytes } | null;
}

export interface Item {
  id: string;
  state: Row["state"];
  rung: number;
  envelope: Bytes;
  headers: Bytes[];
  lock: Bytes;
  appends: Bytes[];
}

export interface Missing {
  code: string;
  say: string;
  who: string;
}

export interface SchoolState {
  stage: "waiting" | "founding" | "founded" | "monitoring";
  school: { id: string; name: string; demo: boolean };
  missing: Missing[];
  rehearsal: string[];
  // Where the server is, for links that others open: the pages of sealopen reader have
  // an address of their own, which only this machine knows.
  address: string;
}

export interface Seats {
  commit: Bytes;
  card: Bytes;
  confirmed: boolean;
}

export interface FoundState {
  head: Seats;
  leader: Seats;
  service: { keeper: string; vault: string; sealers: string[]; ledger: string };
  policy: Bytes;
  manifest: Bytes;
  ends: Date | null;
  stopped: boolean;
}

export interface Invite {
  id: string;
  name: string;
  title: string;
  roles: string[];
  mail: string;
  accounts: string[];
  state: "invited" | "waiting" | "admitted" | "ended";
  tokenHash: Bytes;
  recipient: string;
  verify: string;
  ends: Date | null;
}

export interface Bundle {
  bundle: Bytes;
  passkeys: Passkey[];
}

export class Gate {
  private token = "";
  // The clock of the gate minus ours, in milliseconds: share requests carry the gate's time.
  private ahead = 0;

  constructor(readonly base = "") {}

  now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  private async post(path: string, body: object, o: { token?: string; last?: boolean } = {}): Promise<Record<string, unknown>> {
    const token = o.token ?? this.token;
    let answer: Response;
    let data: string;
    try {
      answer = await fetch(this.base + path, {
        method: "POST", credentials: o.last ? "same-origin" : "omit", redirect: "error", referrerPolicy: "no-referrer", cache: "no-store",
        headers: { "Content-Type": "application/json", ...(token ? { Authorization: "Bearer " + token } : {}) },
        body: JSON.stringify(body, (_, v: unknown) => (v instanceof Uint8Array ? toBase64(v) : v)),
        signal: AbortSignal.timeout(patience), keepalive: o.last ?? false,
      });
      if (Number(answer.headers.get("Content-Length") ?? 0) > maxAnswer) throw new GateError("odd", odd);
      data = await bounded(answer);
    } catch (e) {
      if (e instanceof GateError) throw e;
      throw new GateError("offline", offline);
    }
    return read(() => {
      const v = record(parseJSON(data));
      if (!answer.ok) throw new GateError(text(v.error, 64) || "odd", text(v.say, 1000) || odd);
      return v;
    });
  }

  async school(): Promise<SchoolState> {
    const v = await this.post("/v1/school", {});
    return read(() => {
      const s = v.school === undefined ? {} : record(v.school);
      return {
        stage: text(v.stage, 20) as SchoolState["stage"], school: { id: text(s.id, 64), name: text(s.name, 200), demo: flag(s.demo) },
        missing: list(v.missing, 100).map((m) => ({ code: text(record(m).code, 64), say: text(record(m).say, 1000), who: text(record(m).who, 200) })),
        rehearsal: list(v.rehearsal, 100).map((s) => text(s, 1000)), address: address(text(v.address, 300)),
      };
    });
  }

  // signIn proves by a signature who this is. No secret and nothing derived from one is sent.
  async signIn(school: string, person: string, key: SigningKey): Promise<void> {
    const first = await this.post("/v1/session", { person });
    const challenge = read(() => fromBase64(first.challenge));
    const message = new Uint8Array([...new TextEncoder().encode(`${school}\n${person}\n`), ...challenge]);
    const second = await this.post("/v1/session", { person, challenge, signature: key.sign("session", message) });
    read(() => {
      this.token = text(second.token, 200);
      const now = time(second.now);
      if (now) this.ahead = now.getTime() - Date.now();
    });
  }

  signedIn(): boolean {
    return this.token !== "";
  }

  // signOut forgets the token at once: whoever signs in next has another. It reaches the
  // server even from a page that is being closed. There are no cookies to be sent along;
  // but only where a request could have had some does a browser do what the answer asks,
  // which is to clear what it may have stored of this site.
  async signOut(): Promise<void> {
    const token = this.token;
    this.token = "";
    if (token !== "") await this.post("/v1/signout", {}, { token, last: true });
  }

  async manifest(): Promise<Bytes> {
    const v = await this.post("/v1/manifest", {});
    return read(() => fromBase64(v.signed));
  }

  async list(after: string, limit: number): Promise<{ rows: Row[]; next: string; total: number }> {
    const v = await this.post("/v1/list", { ...(after ? { after } : {}), limit });
    return read(() => ({ rows: list(v.items, 1000).map(row), next: text(v.next, 64), total: whole(v.total) }));
  }

  async item(id: string): Promise<Item> {
    const v = await this.post("/v1/item", { id });
    return read(() => ({ ...row(v), envelope: bytes(v.envelope), appends: list(v.appends).map(fromBase64) }));
  }

  async share(request: Bytes): Promise<Bytes> {
    const v = await this.post("/v1/share", { request });
    return read(() => fromBase64(v.share));
  }

  async append(append: Bytes): Promise<void> {
    await this.post("/v1/append", { append });
  }

  async outcome(append: Bytes, order: Bytes): Promise<void> {
    await this.post("/v1/outcome", { append, order });
  }

  // exporting records that an item is about to be copied or printed. If it cannot be
  // recorded it throws, and nothing is copied or printed.
  async exporting(id: string, how: "copy" | "print"): Promise<void> {
    await this.post("/v1/export", { id, how });
  }

  async bundle(person: string): Promise<Bundle> {
    const v = await this.post("/v1/bundle", { person });
    return read(() => ({ bundle: bytes(v.bundle), passkeys: list(v.passkeys, 10).map(passkey) }));
  }

  async setBundle(b: Bundle): Promise<void> {
    await this.post("/v1/bundle/set", { bundle: b.bundle, passkeys: b.passkeys });
  }

  async foundJoin(token: string, seat: string, commit: Bytes): Promise<{ seatKey: string; ends: Date | null }> {
    const v = await this.post("/v1/found/join", { token, seat, commit });
    return read(() => ({ seatKey: text(v.seat_key, 200), ends: time(v.ends) }));
  }

  async foundState(token: string, seatKey: string): Promise<FoundState> {
    const v = await this.post("/v1/found/state", { token, seat_key: seatKey });
    const seat = (s: unknown): Seats => {
      const r = s === undefined ? {} : record(s);
      return { commit: bytes(r.commit), card: bytes(r.card), confirmed: flag(r.confirmed) };
    };
    return read(() => {
      const s = record(v.service);
      return {
        head: seat(v.head), leader: seat(v.leader), policy: bytes(v.policy), manifest: bytes(v.manifest), ends: time(v.ends), stopped: flag(v.stopped),
        service: { keeper: text(s.keeper, 2048), vault: text(s.vault, 2048), sealers: list(s.sealers, 10).map((k) => text(k, 64)), ledger: text(s.ledger, 200) },
      };
    });
  }

  async foundReveal(token: string, seatKey: string, card: Bytes): Promise<void> {
    await this.post("/v1/found/reveal", { token, seat_key: seatKey, card });
  }

  async foundConfirm(token: string, seatKey: string, b: Bundle): Promise<void> {
    await this.post("/v1/found/confirm", { token, seat_key: seatKey, bundle: b.bundle, passkeys: b.passkeys });
  }

  async foundStop(token: string, seatKey: string): Promise<void> {
    await this.post("/v1/found/stop", { token, seat_key: seatKey });
  }

  async foundFinish(token: string, seatKey: string, manifest: Bytes): Promise<void> {
    await this.post("/v1/found/finish", { token, seat_key: seatKey, manifest });
  }

  async invite(i: { id: string; name: string; title: string; roles: string[]; accounts: string[]; mail: string; token_hash: Bytes }): Promise<Date | null> {
    const v = await this.post("/v1/invite", i);
    return read(() => time(v.ends));
  }

  async invites(): Promise<Invite[]> {
    const v = await this.post("/v1/invites", {});
    return read(() => list(v.invites, 1000).map(invite));
  }

  async endInvite(id: string): Promise<void> {
    await this.post("/v1/invite/end", { id });
  }

  async enrolOpen(token: string): Promise<{ invite: Invite; manifest: Bytes }> {
    const v = await this.post("/v1/enrol/open", { token });
    return read(() => ({ invite: invite(v.invite), manifest: fromBase64(v.manifest) }));
  }

  async enrolKeys(token: string, recipient: string, verify: string, b: Bundle): Promise<void> {
    await this.post("/v1/enrol/keys", { token, recipient, verify, bundle: b.bundle, passkeys: b.passkeys });
  }

  async signManifest(manifest: Bytes): Promise<void> {
    await this.post("/v1/manifest/sign", { manifest });
  }

  async file(kind: string): Promise<Bytes> {
    const v = await this.post("/v1/file", { kind });
    return read(() => bytes(v.file));
  }

  async technician(): Promise<Technician> {
    const v = await this.post("/v1/technician", {});
    return read(() => technician(v));
  }

  // reportTo is whom a report is sealed to: public keys.
  async reportTo(): Promise<string[]> {
    const v = await this.post("/v1/report/to", {});
    return read(() => list(v.to, 100).map((k) => text(k, 2048)));
  }

  async report(box: Bytes): Promise<void> {
    await this.post("/v1/report", { box });
  }

  async reports(): Promise<string[]> {
    const v = await this.post("/v1/report/list", {});
    return read(() => list(v.ids, 1000).map((i) => text(i, 32)));
  }

  async openReport(id: string): Promise<Bytes> {
    const v = await this.post("/v1/report/open", { id });
    return read(() => fromBase64(v.box));
  }

  async endReport(id: string): Promise<void> {
    await this.post("/v1/report/done", { id });
  }

  async putFile(file: Bytes, shares: Bytes): Promise<void> {
    await this.post("/v1/file/put", { file, shares });
  }
}

// bounded reads an answer's text up to the limit, whatever length it claims.
async function bounded(answer: Response): Promise<string> {
  if (!answer.body) return "";
  const reader = answer.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let out = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > maxAnswer) {
      void reader.cancel();
      throw new GateError("odd", odd);
    }
    out += decoder.decode(value, { stream: true });
  }
  return out + decoder.decode();
}

// read turns whatever is wrong with an answer's form into one error.
function read<T>(f: () => T): T {
  try {
    return f();
  } catch (e) {
    if (e instanceof SealError) throw new GateError("odd", odd);
    throw e;
  }
}

// address believes only a plain origin; without one it is the page's own.
function address(v: string): string {
  return /^https?:\/\/[^/?#@\s]+$/.test(v) ? v : location.origin;
}

function bytes(v: unknown): Bytes {
  return v === undefined || v === null ? new Uint8Array(0) : fromBase64(v);
}

function row(v: unknown): Row {
  const r = record(v);
  const l = r.label === undefined || r.label === null ? null : record(r.label);
  const state = text(r.state, 20);
  return {
    id: text(r.id, 32), state: (["new", "opened", "decided"].includes(state) ? state : "damaged") as Row["state"], rung: whole(r.rung),
    headers: list(r.headers, 1000).map(fromBase64), lock: bytes(r.lock), label: l ? { head: fromBase64(l.head), file: fromBase64(l.file) } : null,
  };
}

function passkey(v: unknown): Passkey {
  const p = record(v);
  return { name: text(p.name, 100), credential: text(p.credential, 2000), file: fromBase64(p.file) };
}

function invite(v: unknown): Invite {
  const i = record(v);
  return {
    id: text(i.id, 64), name: text(i.name, 200), title: text(i.title, 200), roles: list(i.roles, 10).map((r) => text(r, 20)), mail: text(i.mail, 320),
    accounts: list(i.accounts, 100).map((a) => text(a, 200)), state: text(i.state, 20) as Invite["state"], tokenHash: bytes(i.token_hash),
    recipient: text(i.recipient, 2048), verify: text(i.verify, 64), ends: time(i.ends),
  };
}
