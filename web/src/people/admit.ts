// SPDX-License-Identifier: Apache-2.0

// Admitting somebody: the words that their screen shows, heard by voice, and then the
// headteacher's signature. What the server says of an invitation is shown before it is
// signed: it is not taken on trust.

import { fromBase64 } from "../bytes.ts";
import { personWords } from "../founding.ts";
import { type Invite } from "../gate.ts";
import { accountFault } from "../joining/about.ts";
import { heard, tries } from "../joining/compare.ts";
import { rolesInWords } from "../joining/enrolsays.ts";
import { type Person, personOf } from "../manifest.ts";
import { type App } from "../page/app.ts";
import { h, replace } from "../page/dom.ts";
import { sentence } from "../page/faults.ts";
import { bullets, button, buttons, field, form, heading, inset, para, section, summary, warning } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { checkRecipient } from "../seal/sign.ts";
import { takenBy } from "./invite.ts";
import { peoplePage } from "./people.ts";
import { readsOf } from "./reads.ts";
import { admit, relock, signNext } from "./signing.ts";

export function admitPage(app: App, i: Invite): Open {
  return () => {
    const m = app.desk.manifest;
    checkRecipient(i.recipient);
    fromBase64(i.verify);
    const there = personOf(m, i.id);
    const becomes = { ...i, recipient: i.recipient } as unknown as Person;
    const after = { people: [...m.people.filter((p) => p.id !== i.id), becomes] };
    const clash = accountFault(i.accounts, takenBy(app, i.id));
    const typed = field({ label: `The six words that ${i.name} reads out`, hint: "Type what you hear, with spaces between. Do not take them from a message.", rows: 2 });
    const want = (): string[] => personWords(m.founding!, i.id, i.recipient, i.verify);
    let left = tries;
    const f = form({
      fields: [typed.element], send: "Sign, and admit them",
      check: () => {
        const v = heard(typed.value(), want());
        return [{ field: typed, error: v.right || v.counts ? "" : v.say }];
      },
      sent: async () => {
        if (!heard(typed.value(), want()).right) {
          left--;
          if (left > 0) return f.fail(`These are not the words of this key. Ask ${i.name} to read them again from the page. You have ${left === 1 ? "one more try" : "two more tries"}.`);
          return app.shell.go(refusePage(app, i), "instead");
        }
        try {
          await app.guard(() => signNext(app, (d, now) => admit(d, now, i)));
        } catch (e) {
          return f.fail(sentence(e));
        }
        await app.shell.go(admittedPage(app, i, there !== undefined), "instead");
      },
    });
    return {
      title: "Admit somebody",
      body: [
        heading(`Is it ${i.name}?`),
        para("Look at this before you listen. It is what you are about to sign. If anything is not as you wrote it in the invitation, do not admit them."),
        summary([
          ["Name", i.name], ["Title", i.title], ["Will be", rolesInWords(i.roles)], ["Will read", bullets(readsOf(after, becomes))],
          ["Account names", i.accounts.join(", ") || "none"], ["Notices go to", i.mail || "nowhere"], ["Name in Sealwatch", i.id],
        ]),
        there ? warning(`${there.name} is in the school already, and gets this new key. The old one ends when you sign.`) : null,
        clash ? warning(clash, ". End this invitation and make another.") : null,
        section("Ring them"),
        para("On a number that you know, or face to face. They read six words from their page."),
        clash ? null : f.element,
        buttons(button("Do not admit them", () => app.shell.go(refusePage(app, i)), "warning"), button("Back to People", () => app.shell.goBack(), "secondary")),
      ],
    };
  };
}

// refusePage ends an invitation whose words did not agree, or that is not wanted.
function refusePage(app: App, i: Invite): Open {
  return () => {
    const place = h("div");
    const end = async (): Promise<void> => {
      if (await app.attempt(place, () => app.gate.endInvite(i.id))) await app.shell.go(peoplePage(app, `${i.name} was not admitted, and the invitation is ended.`), "instead");
    };
    return {
      title: "Do not admit",
      body: [
        heading(`Do not admit ${i.name}`),
        para("If the words did not agree, the key that waits here is not the one on their screen. Somebody may have used the link before them, or stand between you."),
        para("End the invitation. Then make another, and give the link to them in person. If the words do not agree again, tell the chair of governors."),
        place, buttons(button("End the invitation", end, "warning"), button("Back to People", () => app.shell.go(peoplePage(app), "instead"), "secondary")),
      ],
    };
  };
}

function admittedPage(app: App, i: Invite, again: boolean): Open {
  return () => ({
    title: "Admitted",
    body: [
      heading(`${i.name} is admitted`),
      para(again ? "Their new key is signed, and the old one opens nothing new any more. They can sign in now." : "They can sign in now. Their page has noticed by itself."),
      again ? para("Items that were sealed to the old key only do not open with the new one. Whoever else reads them can.") : para("They read what is sealed from now on. What was sealed before stays with those who had it."),
      ["dsl", "deputy", "head", "chair"].some((r) => i.roles.includes(r)) ? relockPart(app, i.name) : null,
      buttons(button("Back to People", () => app.shell.go(peoplePage(app), "instead"))),
    ],
  });
}

// relockPart seals the list of names to who reads about pupils now.
export function relockPart(app: App, name: string): HTMLElement {
  const place = h("div");
  const wrong = h("div");
  replace(place, inset(para(`If the school has a list of names, it is sealed to those who read about pupils, as they were when it was saved. Seal it anew because of ${name}?`),
    wrong, button("Seal the list of names anew", async () => {
      await app.attempt(wrong, async () => {
        const some = await relock(app);
        replace(place, inset(some ? "The list of names is sealed to those who read about pupils now." : "There is no list of names yet, so there is nothing to do."));
        app.shell.say("Done.");
      });
    }, "secondary"), para("That you opened it is recorded.")));
  return place;
}
