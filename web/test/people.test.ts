// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import test from "node:test";
import { accountFault, plainAddress, splitAccounts } from "../src/joining/about.ts";
import { heard } from "../src/joining/compare.ts";
import { readLink } from "../src/joining/enrol.ts";
import { rolesInWords } from "../src/joining/enrolsays.ts";
import { policyWords } from "../src/joining/policywords.ts";
import { type Person, type Role } from "../src/manifest.ts";
import { conflicts, fits, inWords, learn, say } from "../src/people/patterns.ts";
import { lacking, readsOf, whoReads } from "../src/people/reads.ts";

test("patterns are learnt from examples and said back in words", () => {
  for (const [examples, pattern, words] of [
    ["21jsmith", "[0-9]{2}[a-z]+", "two digits, then letters"],
    ["21jsmith, 20abrown, 19o", "[0-9]{2}[a-z]+", "two digits, then letters"],
    ["OAKFIELD\\21JSmith; 9abrown@oakfield.example", "[0-9]{1,2}[a-z]+", "one to two digits, then letters"],
    ["j.lang, a.okafor", "[a-z]\\.[a-z]+", "one letter, then a full stop, then letters"],
    ["st-jlang, st-aokafor", "st-[a-z]+", "“st”, then a hyphen, then letters"],
    ["jlang, jlang", "[a-z]+", "letters"],
    ["s1234, s9876", "s[0-9]{4}", "“s”, then four digits"],
  ] as const) {
    assert.deepEqual(learn(splitAccounts(examples)), { patterns: [pattern], fault: "" }, examples);
    assert.equal(inWords(pattern), words);
    for (const e of splitAccounts(examples)) assert.ok(fits([pattern], e), `${e} fits its own pattern`);
  }
  assert.deepEqual(learn(["21jsmith", "jlang"]).patterns, ["[0-9]{2}[a-z]+", "[a-z]+"], "another shape is another pattern");
});

test("what cannot be an example is said", () => {
  for (const bad of ["21 jsmith", "Ünal", "(a|b)*", "a/b", "٣smith"]) {
    const l = learn([bad]);
    assert.equal(l.patterns.length, 0, bad);
    assert.match(l.fault, /cannot be used as an example/);
  }
});

test("a pattern matches whole accounts, in any capitals", () => {
  const p = learn(["21jsmith"]).patterns;
  assert.equal(fits(p, "SCHOOL\\22ABrown"), true);
  for (const no of ["221abrown", "22", "abrown", "22abrown1", ""]) assert.equal(fits(p, no), false, no);
  assert.equal(fits(["(?i)yr[0-9]+.*"], "yr7a"), null, "a rule written by hand cannot be tried here");
  assert.match(say("(?i)yr[0-9]+.*"), /written by hand/);
});

test("an account that would be taken for the other kind is a conflict", () => {
  const pupil = learn(["21jsmith"]).patterns;
  const staff = learn(["jlang"]).patterns;
  assert.deepEqual(conflicts(pupil, staff, { pupil: ["21jsmith"], staff: ["jlang"] }), []);
  assert.match(conflicts(staff, staff, { pupil: ["amy"], staff: [] })[0]!, /take it for staff/);
  assert.match(conflicts(pupil, [], { pupil: [], staff: ["21jlang"] })[0]!, /read about a colleague/);
});

function person(id: string, ...roles: Role[]): Person {
  return { id, name: id, title: "", roles, recipient: "", verify: "", accounts: [], mail: "", phone: "" };
}

test("what each person reads, and what a school would lack", () => {
  const people = [person("head", "head"), person("lead", "dsl", "leader"), person("chair", "chair"), person("tech", "technician")];
  assert.deepEqual(readsOf({ people }, people[1]!), ["Concerns about pupils, at once.", "Concerns about technicians, at once."]);
  assert.deepEqual(readsOf({ people }, people[3]!), ["Nothing. Technicians read nothing."]);
  assert.ok(readsOf({ people }, people[2]!).includes("Concerns about the headteacher, at once."));
  assert.deepEqual(whoReads({ people })[0], { what: "Concerns about pupils", first: ["lead"], then: ["head", "chair"] });
  assert.deepEqual(lacking(people), { stops: [], halts: [] });
  assert.match(lacking([people[0]!, person("dsl", "dsl")]).stops[0]!, /no second leader/);
  assert.match(lacking(people.filter((p) => p.id !== "lead")).halts[0]!, /no safeguarding lead/);
  assert.deepEqual(lacking([people[0]!, people[1]!]), { stops: [], halts: [] });
  assert.deepEqual(whoReads({ people: [people[0]!, people[1]!] })[3], { what: "Concerns about the headteacher", first: ["lead"], then: [] });
});

test("words that are heard: a slip is no try", () => {
  const want = ["aware", "anaerobic", "stir", "unbent", "sector", "visible"];
  assert.ok(heard(" Aware, anaerobic stir UNBENT sector\nvisible. ", want).right);
  assert.match(heard("aware anaerobic", want).say, /typed 2/);
  assert.match(heard("aware anaerobic stir unbent sector visibel", want).say, /“visibel” is none/);
  assert.deepEqual(heard("anaerobic aware stir unbent sector visible", want), { right: false, counts: true, say: "" });
});

test("addresses and accounts as the service takes them", () => {
  for (const good of ["office@school.example", "a.b+c@x-y.example"]) assert.ok(plainAddress(good), good);
  for (const bad of ["", "office", "a..b@x.example", "A <a@x.example>", "a@x", "a@x.example\n", ".a@x.example"]) assert.ok(!plainAddress(bad), bad);
  assert.equal(accountFault(["jlang"], new Map([["jlang", "Mr Lang"]])).includes("Mr Lang"), true);
  assert.match(accountFault(["OAK\\"]), /is not an account name/);
  assert.equal(rolesInWords(["dsl", "leader"]), "Designated Safeguarding Lead, Second leader");
});

test("a link of an invitation", () => {
  assert.ok(readLink(`#${"t".repeat(43)}.${"A".repeat(43)}`));
  for (const bad of ["", "#", "#abc.def", `#${"t".repeat(43)}`, `#${"t".repeat(43)}.${"A".repeat(42)}`, `#${"t".repeat(43)}.${"A".repeat(43)}x`]) assert.equal(readLink(bad), null, bad);
});

test("the policy in words, or not at all", () => {
  const text = `# comment\nversion: 1\nname: x\ncategories:\n  suicide: {list: medium} # why\n  genai: {off: true}\nladder:\n  critical: [30m, 2h]\n  high: [8h, 24h]\n  medium: [72h, 168h]\n  low: [336h, 672h]\nretention_months: 12\n`;
  const w = policyWords(text)!;
  assert.equal(w.off, "chat with artificial intelligence");
  assert.equal(w.kept, "a year");
  assert.equal(w.ladder[0]![1], "If nobody has opened it after 30 minutes, it is the next person’s turn; after two hours, the one after.");
  assert.equal(w.ladder[2]![1], "If nobody has opened it after three days, it is the next person’s turn; after one week, the one after.");
  for (const odd of [text + "extra: 1\n", text.replace("{off: true}", "{off: yes, more: [1]}"), text.replace("  low: [336h, 672h]\n", ""), ""]) assert.equal(policyWords(odd), null);
});
