// SPDX-License-Identifier: Apache-2.0

// Where the pages begin: which one is asked for by the address, and nothing else is.

import { Gate } from "./gate.ts";
import { enrolPage } from "./joining/enrol.ts";
import { foundPage } from "./joining/found.ts";
import { keyPage } from "./joining/mykey.ts";
import { glimpsePage } from "./machine/glimpse.ts";
import { leaderPage } from "./machine/leader.ts";
import { machinePage } from "./machine/machine.ts";
import { App } from "./page/app.ts";
import { type MenuEntry, Shell } from "./page/shell.ts";
import { peoplePage } from "./people/people.ts";
import { reportPage } from "./report/report.ts";
import { reportsPage } from "./report/reports.ts";
import { helpPage } from "./reader/help.ts";
import { listPage } from "./reader/list.ts";
import { rosterPage } from "./reader/roster.ts";
import { signInPage } from "./reader/signin.ts";
import { mayWrite } from "./recipients.ts";

function menu(app: App): MenuEntry[] {
  const me = app.desk.me;
  if (me.roles.includes("technician")) {
    return [
      { name: "machine", text: "Sealwatch today", open: machinePage(app) }, { name: "leader", text: "Tell a senior leader", open: leaderPage(app) },
      { name: "glimpse", text: "If you see something", open: glimpsePage(app) }, { name: "key", text: "Your key", open: keyPage(app) },
    ];
  }
  const out: MenuEntry[] = [{ name: "list", text: "Your list", open: listPage(app) }];
  if (mayWrite(me)) out.push({ name: "reports", text: "Reports", open: reportsPage(app) });
  if (mayWrite(me)) out.push({ name: "roster", text: "Names", open: rosterPage(app) });
  if (me.roles.includes("head")) out.push({ name: "people", text: "People", open: peoplePage(app) });
  out.push({ name: "key", text: "Your key", open: keyPage(app) }, { name: "help", text: "How this works", open: helpPage(app) });
  if (mayWrite(me)) {
    // How many wait is said in the menu, wherever somebody is.
    void app.gate.reports().then((ids) => {
      if (ids.length > 0) app.shell.setFrame({ menu: out.map((e) => (e.name === "reports" ? { ...e, text: `Reports (${ids.length})` } : e)) });
    }).catch(() => undefined); // the page of reports says what is wrong
  }
  return out;
}

const root = document.getElementById("page");
if (root) {
  const shell = new Shell(root);
  const app = new App(shell, new Gate(), { signIn: signInPage, menu });
  const first = location.pathname === "/report" ? reportPage(app) : location.pathname === "/found" ? foundPage(app) : location.pathname === "/enrol" ? enrolPage(app) : signInPage(app);
  void shell.begin(first);
}
