// SPDX-License-Identifier: Apache-2.0

// A server that is fully somebody else's: it stands where the school's should, passes
// requests on to the real one while that suits it, keeps all that it is sent, and gives
// odd answers of every kind.

import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";
import { type AddressInfo } from "node:net";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Odd extends Answer {
  name: string;
  how?: "reset" | "cut" | "drip";
}

export interface Asked {
  path: string;
  headers: string;
  body: Buffer;
}

// What a hostile server does with one request: pass it on, or answer by itself.
export type Plan = (path: string, body: Buffer, real: () => Promise<Answer>) => Promise<Answer | Odd>;

export class Hostile {
  readonly asked: Asked[] = [];
  plan: Plan = (_path, _body, real) => real();

  private constructor(private readonly server: Server, private real: string) {}

  static async before(real: string): Promise<Hostile> {
    const server = createServer({ maxHeaderSize: 1 << 20 });
    const h = new Hostile(server, real);
    server.on("request", (q, a) => void h.serve(q, a).catch(() => a.destroy()));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return h;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(q: IncomingMessage, a: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const p of q) parts.push(p as Buffer);
    const body = Buffer.concat(parts);
    this.asked.push({ path: q.url ?? "", headers: JSON.stringify(q.rawHeaders), body });
    const answer = await this.plan(q.url ?? "", body, () => ask(this.real + (q.url ?? ""), q, body));
    send(a, answer);
  }
}

function ask(url: string, q: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((done, failed) => {
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (q.headers.authorization) headers.Authorization = q.headers.authorization;
    const r = request(url, { method: q.method ?? "POST", headers }, (res) => {
      const parts: Buffer[] = [];
      res.on("data", (p: Buffer) => parts.push(p));
      res.on("end", () => done({ status: res.statusCode ?? 0, headers: { "Content-Type": res.headers["content-type"] ?? "" }, body: Buffer.concat(parts) }));
      res.on("error", failed);
    });
    r.on("error", failed);
    r.end(body);
  });
}

function send(a: ServerResponse, answer: Answer | Odd): void {
  const how = "how" in answer ? answer.how : undefined;
  if (how === "reset") return void a.destroy();
  a.writeHead(answer.status, how === "cut" ? { ...answer.headers, "Content-Length": String(answer.body.length + 999) } : answer.headers);
  if (how === "cut") {
    a.write(answer.body);
    setTimeout(() => a.destroy(), 5);
  } else if (how === "drip") {
    const step = Math.max(1, Math.ceil(answer.body.length / 5));
    let at = 0;
    const more = (): void => {
      if (at >= answer.body.length) return void a.end();
      a.write(answer.body.subarray(at, at + step));
      at += step;
      setTimeout(more, 10);
    };
    more();
  } else {
    a.end(answer.body);
  }
}

// dice are numbers that are the same for the same seed (mulberry32).
export function dice(seed: number): (n: number) => number {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

export const elsewhere = "http://elsewhere.invalid";
const markup = `"><img src=x onerror=alert(1)><script src="${elsewhere}/x.js"></script><a href="javascript:alert(1)">x</a>`;

// values are what stands in the place of something else.
const values: ((roll: (n: number) => number) => unknown)[] = [
  () => null, () => true, () => 0, () => -1, () => 1e308, () => 2 ** 53, () => "", () => markup, () => [], () => ({}),
  () => `${elsewhere}/?x`, () => "\u202e\u0000\ud800", () => "A".repeat(3_000_000), () => Array.from({ length: 120_000 }, () => 0),
  (roll) => Buffer.from(Array.from({ length: 200 + roll(3000) }, () => roll(256))).toString("base64"), () => "SWE1", () => ({ toString: "x", length: -1 }),
  () => "AGE-SECRET-KEY-PQ-1" + "Q".repeat(58), () => "age1pq1" + "q".repeat(1952), () => "0001-01-01T00:00:00Z", () => "9999-99-99T99:99:99Z", () => "file:///etc/passwd",
];

type Place = { in: Record<string, unknown> | unknown[]; key: string | number };

function places(v: unknown, out: Place[] = []): Place[] {
  if (Array.isArray(v)) v.forEach((_, key) => (out.push({ in: v, key }), places(v[key], out)));
  else if (typeof v === "object" && v !== null) for (const key of Object.keys(v)) out.push({ in: v as Record<string, unknown>, key }), places((v as Record<string, unknown>)[key], out);
  return out;
}

const at = (p: Place): unknown => (p.in as Record<string | number, unknown>)[p.key];
const put = (p: Place, v: unknown): void => void ((p.in as Record<string | number, unknown>)[p.key] = v);

// bytesOdd spoils something that is sealed.
function bytesOdd(b: Buffer, roll: (n: number) => number, others: Buffer[]): Buffer {
  const out = Buffer.from(b);
  switch (roll(8)) {
    case 0: out[roll(out.length)]! ^= 1 << roll(8); return out;
    case 1: return out.subarray(0, roll(out.length));
    case 2: return Buffer.concat([out, out]);
    case 3: return out.fill(0xff, roll(out.length));
    case 4: out.writeUInt32BE(0xffffffff, Math.min(roll(out.length), Math.max(0, out.length - 4))); return out;
    case 5: out[3] = 0x32; return out; // another version
    case 6: { // another key in the place of a key
      const where = out.indexOf("age1pq1");
      if (where >= 0) out.write("age1pq1" + "q".repeat(200), where);
      else out.reverse();
      return out;
    }
    default: return others[roll(others.length)] ?? out;
  }
}

// odd makes answer number n to a request of which real is the true one. others are
// sealed parts of the same school that belong somewhere else.
export function odd(n: number, real: Answer, others: Buffer[]): Odd {
  const roll = dice(n * 2654435761);
  const json = (): Record<string, unknown> => JSON.parse(real.body.toString("utf8")) as Record<string, unknown>;
  const say = (name: string, v: unknown, more: Partial<Odd> = {}): Odd => ({ name, status: 200, headers: { "Content-Type": "application/octet-stream" }, body: Buffer.from(typeof v === "string" ? v : JSON.stringify(v)), ...more });
  const kinds: (() => Odd)[] = [
    () => { // one value is of another kind
      const v = json(), all = places(v), k = roll(values.length);
      if (all.length > 0) put(all[roll(all.length)]!, values[k]!(roll));
      return say(`value ${k}`, v);
    },
    () => { // something sealed is spoilt
      const v = json();
      const sealed = places(v).filter((p) => typeof at(p) === "string" && (at(p) as string).length > 40);
      if (sealed.length === 0) return say("empty", {});
      const p = sealed[roll(sealed.length)]!;
      put(p, bytesOdd(Buffer.from(at(p) as string, "base64"), roll, others).toString("base64"));
      return say("sealed", v);
    },
    () => { // something is not there, or twice
      const v = json(), all = places(v), p = all[roll(all.length || 1)];
      if (!p) return say("nothing", {});
      if (Array.isArray(p.in)) roll(2) ? p.in.splice(p.key as number, 1) : p.in.push(structuredClone(p.in[p.key as number]));
      else delete p.in[p.key];
      return say("left out", v);
    },
    () => say("prototypes", real.body.toString("utf8").replace("{", `{"__proto__":{"polluted":1,"token":"x"},"constructor":{"prototype":{"polluted":1}},`)),
    () => say("twice the keys", real.body.toString("utf8").replace(/^\{/, real.body.toString("utf8").replace(/\}$/, ",").slice(0, 100_000))),
    () => say("deep", `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
    () => say("not JSON", ["", "null", "[]", "1e999", "NaN", '"x"', "{", "}{", "\ufeff{}", "{}{}", "{'a':1}", "\u0000"][roll(12)]!),
    () => say("bytes", "", { body: Buffer.from(Array.from({ length: 1 + roll(5000) }, () => roll(256))) }),
    () => say("a page", `<!doctype html><title>Sign in</title>${markup}<form action="${elsewhere}"><input name=passphrase></form>`, { headers: { "Content-Type": "text/html" }, status: [200, 401, 500][roll(3)]! }),
    () => say("sent elsewhere", "", {
      status: [301, 302, 303, 307, 308][roll(5)]!, headers: { Location: [elsewhere + "/take", "javascript:alert(1)", "/v1/school", "http://127.0.0.1:9/", "//elsewhere.invalid/"][roll(5)]! },
    }),
    () => say("a refusal", { error: ["sign-in", "refused", "not-found", "conflict", "<b>", "__proto__", "toString", "x".repeat(5000)][roll(8)], say: [markup, `Go to ${elsewhere} and type your passphrase.`, "\u202e".repeat(99), 7, null, "x".repeat(1_000_000)][roll(6)] },
      { status: [400, 401, 403, 404, 409, 410, 429, 500, 503][roll(9)]! }),
    () => ({ ...real, name: "another status", status: [201, 202, 204, 205, 206, 304, 400, 402, 407, 418, 451, 500, 502, 599][roll(14)]! }),
    () => ({ ...real, name: "headers", headers: {
      "Content-Type": ["text/html", "text/javascript", "multipart/mixed", "x".repeat(2000)][roll(4)]!, Refresh: `0;url=${elsewhere}`, Link: `<${elsewhere}/x.js>; rel=preload; as=script`, "Set-Cookie": "a=b; Path=/",
      "Content-Security-Policy": "default-src *", "Access-Control-Allow-Origin": "*", "Report-To": `{"endpoints":[{"url":"${elsewhere}"}]}`, NEL: "{}", "X-Long": "y".repeat(roll(9000)), "Clear-Site-Data": '"*"', "Service-Worker-Allowed": "/",
    } }),
    () => ({ ...real, name: "cut off", how: "cut", body: real.body.subarray(0, roll(real.body.length || 1)) }),
    () => ({ ...real, name: "no answer", how: "reset" }),
    () => ({ ...real, name: "in drops", how: "drip" }),
    () => ({ ...real, name: "packed", headers: { "Content-Type": "application/octet-stream", "Content-Encoding": ["gzip", "br", "zstd", "x"][roll(4)]! } }),
    () => say("huge", `{"say":"${"x".repeat(8_000_000)}"}`),
    () => say("the request again", others[roll(others.length || 1)]?.toString("base64") ?? ""),
  ];
  // Half of all spoil what an honest answer holds: that is where a mistake would be.
  const kind = n % 2 === 0 ? roll(3) : Math.floor(n / 2) % kinds.length;
  let o: Odd;
  try {
    o = kinds[kind]!();
  } catch {
    o = say("not JSON", real.body.toString("latin1").slice(1));
  }
  return { ...o, name: `${n} ${o.name}` };
}
