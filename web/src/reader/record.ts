// SPDX-License-Identifier: Apache-2.0

// What she does and decides, sealed for everybody who reads the item; and the item as a
// record to take away, copied or on paper, which is itself recorded first.

import { GateError } from "../gate.ts";
import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { ended, sentence } from "../page/faults.ts";
import { type Field, type Form, banner, button, buttons, field, form, inset, para, radios, section, small } from "../page/kit.ts";
import * as tell from "../tell.ts";
import { type Opened } from "./opened.ts";
import { noteText, outcomeText } from "./says.ts";
import { asPage, asText, sheet } from "./sheet.ts";

const maxText = 20_000; // characters; an append takes 256 KiB

// The outcomes, the most frequent first.
const order = ["support", "referred-social-care", "referred-health", "referred-police", "considered-not-referred", "ordinary-explanation", "no-concern", "rehearsal"];
const undecided = "open";

export class Record {
  readonly element: HTMLElement;
  private readonly notes = h("div");
  private readonly saved = h("div", { role: "status" });
  private readonly taken = h("div", { role: "status" });
  private readonly wrong = h("div");
  private readonly begun = h("div");
  private readonly text: Field;
  private readonly choice: Field;
  private readonly form: Form;

  constructor(private readonly app: App, private readonly item: Opened, private readonly changed: () => void) {
    this.text = field({ label: "Write what you did", rows: 6, hint: "When, with whom, and what you decided and why. Everybody who reads this item sees it." });
    this.choice = radios({
      legend: "What did you decide?",
      choices: [{ value: undecided, text: "Nothing yet. It stays open." }, ...order.map((value) => ({ value, text: tell.outcomes[value]! }))],
    });
    this.form = form({
      fields: [this.text.element, this.choice.element], send: "Save your record",
      check: () => this.check(), sent: () => this.save(),
    });
    const draft = app.drafts.get(item.x.id);
    if (draft) replace(this.begun, inset("What you had begun to write is here. It is not saved yet."));
    this.text.set(draft?.text ?? "");
    this.choice.set(draft?.outcome || undecided);
    const keep = (): void => app.drafts.set(item.x.id, { text: this.text.value(), outcome: this.choice.value() });
    this.form.element.addEventListener("input", keep);
    this.form.element.addEventListener("change", keep);
    this.element = h("section", { class: "sw-record", "aria-labelledby": "record" },
      h("h2", { class: "govuk-heading-m", id: "record" }, "Your record"), this.saved, this.notes,
      this.begun, this.form.element,
      section("Take it to the child’s file"),
      para("The copy holds what you have asked to see on this page: names and words only if they are shown. That you took it is recorded first."),
      buttons(button("Copy as record", () => this.take("copy"), "secondary"), button("Print", () => this.take("print"), "secondary")), this.wrong, this.taken);
  }

  // answer puts the answer to a question on the page into the record.
  answer(says: string): void {
    const at = tell.clock(this.app.gate.now());
    const line = `${at} Is the child safe now? ${says}.`;
    const rest = this.text.value().replace(/^\d\d:\d\d Is the child safe now\? .*\n?/m, "").trimStart();
    this.text.set(rest === "" ? line + "\n" : `${line}\n${rest}`);
    this.app.drafts.set(this.item.x.id, { text: this.text.value(), outcome: this.choice.value() });
  }

  draw(): void {
    const { item } = this;
    const decided = item.decided;
    this.choice.element.hidden = decided !== undefined;
    const none = item.what.notes.length === 0;
    const now = this.app.gate.now();
    replace(this.notes, none ? para("Nobody has written anything yet.") : h("ol", { class: "sw-notes" }, item.what.notes.map((n) => h("li", {},
      h("p", { class: "sw-notes__by" }, h("strong", {}, item.writer(n.person)), ", ", tell.sayTime(n.at, now)),
      n.outcome ? h("p", {}, outcomeText(n.outcome)) : null,
      n.text ? h("p", { class: "sw-content sw-note" }, noteText(n.text)) : null))),
    decided && this.saved.childElementCount === 0
      ? inset(h("strong", {}, "Decided: "), outcomeText(decided.outcome), " ", button("Open it again", () => this.undo(), "secondary")) : null);
  }

  private check(): { field: Field; error: string }[] {
    const words = this.text.value().trim();
    const outcome = this.outcome();
    let error = "";
    if (words.length > maxText) error = `Write less than ${maxText.toLocaleString("en-GB")} characters`;
    else if (words === "" && outcome === "") error = "Write what you did, or choose what you decided";
    else if (words === "" && outcome === "considered-not-referred") error = "Write your reasons for not referring";
    return [{ field: this.text, error }];
  }

  private outcome(): string {
    const v = this.choice.value();
    return this.item.decided || v === undecided ? "" : v;
  }

  private async save(): Promise<void> {
    const outcome = this.outcome();
    await this.send(outcome, this.text.value().trim(), () => {
      this.text.set("");
      this.choice.set(undecided);
      this.app.drafts.set(this.item.x.id, { text: "", outcome: "" });
      replace(this.begun);
      replace(this.saved, done(outcome === "" ? "Your note is saved" : "Your decision is saved",
        outcome === "" ? para("Everybody who reads this item sees it. The item stays open.")
          : [para(outcomeText(outcome)), para("The item is kept for twelve months and then erased.")],
        buttons(outcome === "" ? null : button("Undo", () => this.undo(), "secondary"), button("Back to your list", () => this.app.shell.goBack(), outcome === "" ? "secondary" : "primary"))));
    });
  }

  private async undo(): Promise<void> {
    await this.send("reopened", "", () => replace(this.saved, done("It is open again", para("Both steps stay in the record."))));
  }

  // send saves, then reads the item as it is now. What she wrote is lost in no case.
  private async send(outcome: string, words: string, saved: () => void): Promise<void> {
    const { app, item } = this;
    try {
      await app.guard(() => item.write(outcome, words));
    } catch (e) {
      if (ended(e)) return;
      if (!(e instanceof GateError) || e.code !== "conflict") return this.form.fail(sentence(e) + " What you wrote is still here.");
      return this.second();
    }
    saved();
    await this.reread();
    this.saved.querySelector<HTMLElement>("h2")?.focus();
  }

  // second: somebody else wrote first. Theirs is shown, hers is kept.
  private async second(): Promise<void> {
    replace(this.saved);
    if (await this.reread()) this.form.fail("Somebody else wrote to this item just before you. It is shown above. Yours is still here: read theirs, then save again.");
  }

  private async reread(): Promise<boolean> {
    const ok = await this.app.attempt(this.wrong, () => this.item.again());
    this.changed();
    return ok;
  }

  private async take(how: "copy" | "print"): Promise<void> {
    const { app, item } = this;
    replace(this.taken);
    await app.attempt(this.wrong, async () => {
      const made = sheet(app, item);
      await app.gate.exporting(item.x.id, how);
      if (how === "print") {
        await app.shell.print(asPage(made));
        replace(this.taken, para("Sent to print, and recorded. Fetch it from the printer now."));
        return;
      }
      const text = asText(made);
      try {
        await navigator.clipboard.writeText(text);
        replace(this.taken, para("Copied, and recorded. Paste it into the child’s record now, then empty the clipboard: other programs can read it."),
          button("Empty the clipboard", () => this.empty(), "secondary"));
      } catch {
        replace(this.taken, para("It is recorded, but this browser does not let the page copy. Mark the text and copy it yourself:"),
          h("pre", { class: "sw-copy", tabindex: 0, translate: "no", "aria-label": "The record as text" }, text));
      }
      if (this.text.value().trim() !== "") this.taken.append(small("What you have written and not saved is not in it."));
    });
  }

  private async empty(): Promise<void> {
    try {
      await navigator.clipboard.writeText(" ");
      replace(this.taken, para("The clipboard is empty."));
    } catch {
      replace(this.taken, para("This browser does not let the page do that. Copy any other word, and it is gone."));
    }
  }
}

function done(title: string, ...children: Child[]): HTMLElement {
  const b = banner(title, ...children);
  b.classList.add("govuk-notification-banner--success");
  b.querySelector("h2")?.setAttribute("tabindex", "-1");
  return b;
}
