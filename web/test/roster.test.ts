// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { finder, foldAccount, readRoster } from "../src/roster.ts";

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);

test("a roster as schools' systems export it", () => {
  const want = [{ account: "21jsmith", name: "Jay Smith", form: "8B", headOfYear: "Ms Hill", flags: ["care plan", "EAL"] }];
  for (const [name, csv] of Object.entries({
    plain: "account,name,form,head of year,flags\n21jsmith,Jay Smith,8B,Ms Hill,care plan; EAL\n",
    "with a mark and Windows line ends": "\ufeffAccount,Name,Form,Head of Year,Flags\r\n21jsmith,Jay Smith,8B,Ms Hill,care plan|EAL\r\n\r\n",
    "with semicolons": "Username;Full name;Reg group;Head_of_Year;Flags\n21jsmith;Jay Smith;8B;Ms Hill;\"care plan, EAL\"\n",
    "with tabs": "login\tname\tform\thoy\tflags\n21jsmith\tJay Smith\t8B\tMs Hill\tcare plan,EAL\n",
    "in other order, with more": "Form,UPN no,Surname,Forename,Username,HOY,Flags\n8B,A1,Smith,Jay,21jsmith,Ms Hill,\"care plan,EAL\"\n",
    quoted: "\"account\",\"name\",\"form\",\"head of year\",\"flags\"\n\"21jsmith\",\"Jay Smith\",\"8B\",\"Ms Hill\",\"care plan,EAL\"\n",
  })) {
    assert.deepEqual(readRoster(utf8(csv)), { rows: want, faults: [] }, name);
  }
  const wide = "account,name\n21jsmith,Åsa Łuk\n";
  const utf16 = new Uint8Array(2 + wide.length * 2);
  utf16.set([0xff, 0xfe]);
  for (let i = 0; i < wide.length; i++) new DataView(utf16.buffer).setUint16(2 + 2 * i, wide.charCodeAt(i), true);
  assert.equal(readRoster(utf16).rows[0]?.name, "Åsa Łuk");
  assert.equal(readRoster(Uint8Array.from([...utf8("account,name\n21jsmith,Ren"), 0xe9, 0x0a])).rows[0]?.name, "René");
});

test("what is wrong with a roster is said by row, and the rest is read", () => {
  const r = readRoster(utf8("account,name\n21jsmith,Jay\n,Nobody\n21asmith,\n21JSMITH@school.example,Twice\n21bsmith," + "x".repeat(201) + "\n21csmith,Cy\n"));
  assert.deepEqual(r.rows.map((x) => x.account), ["21jsmith", "21csmith"]);
  assert.deepEqual(r.faults, [
    "Row 3 has no account.", "Row 4 has no name.", "Row 5 has the same account as row 2.", "Row 6 has a field of more than 200 characters.",
  ]);
});

test("what is no roster at all", () => {
  for (const [csv, says] of [
    ["", "no rows"], ["account,name\n", "no rows"], ["a,b\n1,2\n", "column “account”"], ["account,b\n1,2\n", "column “name”"],
    ["account,name\n\"21jsmith,Jay\n", "quotation mark"], ["PK\u0003\u0004 a spreadsheet", "not a CSV file"],
    ["account,name\n" + "a,b\n".repeat(20_001), "20,000"],
  ] as const) {
    const r = readRoster(utf8(csv));
    assert.deepEqual(r.rows, []);
    assert.equal(r.faults.length, 1);
    assert.match(r.faults[0]!, new RegExp(says));
  }
  assert.match(readRoster(new Uint8Array(9 << 20)).faults[0]!, /8 MB/);
});

test("accounts are found as logs spell them", () => {
  for (const [account, want] of Object.entries({ "21JSmith": "21jsmith", "SCHOOL\\21jsmith": "21jsmith", "21jsmith@school.example": "21jsmith", "@odd": "@odd", "A\\B\\c@d": "c" })) {
    assert.equal(foldAccount(account), want);
  }
  const find = finder([{ account: "__proto__", name: "x", form: "", headOfYear: "", flags: [] }]);
  assert.equal(find("constructor"), undefined);
  assert.equal(find("__proto__")?.name, "x");
});
