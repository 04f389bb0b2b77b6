// SPDX-License-Identifier: Apache-2.0

// Names: the school's list of whose account is whose. It is chosen, read and sealed in
// this page; the people who run the server never see it.

import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { bullets, button, buttons, details, heading, inset, para, section, small, table, upload, warning } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { type Read, type RosterRow, maxRosterFile, readRoster } from "../roster.ts";
import { SealError } from "../bytes.ts";
import { GateError } from "../gate.ts";
import * as tell from "../tell.ts";

const firstRows = 5;

export function rosterPage(app: App): Open {
  return () => {
    const page = new RosterPage(app);
    return { title: "Names", body: page.body() };
  };
}

class RosterPage {
  private readonly now = h("div");
  private readonly said = h("div", { role: "status" });
  private readonly wrong = h("div");
  private readonly read = h("div");
  private readonly file = upload({
    label: "A list from your school’s information system", accept: ".csv,text/csv",
    hint: "A CSV file with one row for each pupil. The first line names the columns: account (or username, email), name (or forename and surname), and if you like form, head of year, and markers.",
  });

  constructor(private readonly app: App) {
    this.file.element.addEventListener("change", () => void this.chosen());
    this.drawNow();
  }

  body(): Child {
    return [
      heading("Whose account is whose"),
      para("The filter’s log knows accounts, such as 21jsmith. It does not know names. With a list of names here, an item can say who it is about when you ask."),
      para("Nobody has to ask IT: you choose the file, and it is read and sealed in this page. The people who run the server cannot read it."),
      this.said, this.wrong, this.now,
      section("Put in a list"), this.file.element, this.read,
    ];
  }

  // drawNow says what is saved, once somebody has asked: opening the list is recorded.
  private drawNow(): void {
    const { app } = this;
    if (!app.desk.namesOpen) {
      replace(this.now, inset(para("Whether a list is saved, and what it says, is sealed too."),
        button("See what is saved", () => this.see(), "secondary"), small("That you opened it is recorded.")));
      return;
    }
    void app.desk.names().then(({ rows }) => replace(this.now, rows.length === 0 ? inset("No list of names is saved.") : [
      inset(h("strong", {}, `${tell.capital(tell.count(rows.length, "name is", "names are"))} saved.`), " A new list takes the place of this one."),
      details("Show the first rows, or remove the list", sample(rows), buttons(button("Remove all names", () => this.confirm(), "warning"))),
    ]));
  }

  private async see(): Promise<void> {
    if (!(await this.app.attempt(this.wrong, async () => void (await this.app.desk.names())))) return;
    this.drawNow();
    this.app.shell.say("What is saved is shown.");
  }

  private confirm(): void {
    replace(this.now, warning("Remove every name? Items will show accounts only. Nothing else changes."),
      buttons(button("Remove all names", () => this.save([], "All names are removed."), "warning"), button("Keep them", () => this.drawNow(), "secondary")));
  }

  // chosen reads a file and shows what it holds before anything is saved.
  private async chosen(): Promise<void> {
    const file = this.file.value();
    replace(this.said);
    replace(this.wrong);
    if (!file) return replace(this.read);
    this.file.error("");
    const result: Read = file.size > maxRosterFile ? readRoster(new Uint8Array(maxRosterFile + 1)) : readRoster(new Uint8Array(await file.arrayBuffer()));
    if (result.rows.length === 0) {
      replace(this.read);
      return this.file.error(result.faults[0] ?? "Nothing could be read.");
    }
    const n = result.rows.length;
    replace(this.read,
      h("p", { class: "govuk-body", role: "status" }, h("strong", {}, `${tell.capital(tell.count(n, "name was", "names were"))} read.`), " Nothing is saved yet."),
      faults(result.faults), sample(result.rows),
      buttons(button(result.faults.length > 0 ? `Seal and save the ${n} that are right` : `Seal and save ${tell.count(n, "name", "names")}`,
        () => this.save(result.rows, `${tell.capital(tell.count(n, "name is", "names are"))} sealed and saved.`)),
      button("Put it away", () => this.putAway(), "secondary")));
  }

  private putAway(): void {
    this.file.set(null);
    replace(this.read);
  }

  private async save(rows: RosterRow[], says: string): Promise<void> {
    const ok = await this.app.attempt(this.wrong, async () => {
      try {
        await this.app.desk.saveNames(rows);
      } catch (e) {
        this.app.desk.staleNames();
        if (e instanceof SealError && e.code === "size") throw new GateError("size", "This list is too long to be sealed in one piece. Leave out columns that are not needed, or pupils who have left.");
        if (e instanceof GateError && e.code === "conflict") throw new GateError("conflict", "Somebody else has just saved another list. See what is saved, then decide whether yours shall take its place.");
        throw e;
      }
    });
    this.drawNow();
    if (!ok) return;
    this.putAway();
    replace(this.said, inset(h("strong", {}, says), " Everybody who reads about pupils has it the next time they sign in."));
    this.said.scrollIntoView({ block: "nearest" });
  }
}

function faults(all: string[]): Child {
  if (all.length === 0) return null;
  return [
    warning(all.length === 1 ? "One row was not taken." : `${tell.capital(tell.number(all.length))} rows were not taken.`),
    bullets(all.slice(0, 10)), all.length > 10 ? details(`Show ${all.length - 10} more`, bullets(all.slice(10, 500))) : null,
  ];
}

function sample(rows: RosterRow[]): Child {
  const cell = (s: string): Child => h("span", { class: "sw-content", translate: "no" }, tell.screen(s));
  return table(rows.length > firstRows ? `The first ${tell.number(firstRows)} rows` : "The rows", ["Account", "Name", "Form", "Head of year", "Markers"],
    rows.slice(0, firstRows).map((r) => [cell(r.account), cell(r.name), cell(r.form), cell(r.headOfYear), cell(r.flags.join(", "))]));
}
