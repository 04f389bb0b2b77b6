// SPDX-License-Identifier: Apache-2.0

// Where the pages begin: which one is asked for by the address, and nothing else is.

import { Gate } from "./gate.ts";
import { enrolPage } from "./joining/enrol.ts";
import { foundPage } from "./joining/found.ts";
import { keyPage } from "./joining/mykey.ts";
import { App } from "./page/app.ts";
import { type MenuEntry, Shell } from "./page/shell.ts";
import { peoplePage } from "./people/people.ts";
import { helpPage } from "./reader/help.ts";
import { listPage } from "./reader/list.ts";
import { rosterPage } from "./reader/roster.ts";
import { signInPage } from "./reader/signin.ts";
import { mayWrite } from "./recipients.ts";

function menu(app: App): MenuEntry[] {
  const me = app.desk.me;
  const out: MenuEntry[] = [{ name: "list", text: "Your list", open: listPage(app) }];
  if (mayWrite(me)) out.push({ name: "roster", text: "Names", open: rosterPage(app) });
  if (me.roles.includes("head")) out.push({ name: "people", text: "People", open: peoplePage(app) });
  out.push({ name: "key", text: "Your key", open: keyPage(app) }, { name: "help", text: "How this works", open: helpPage(app) });
  return out;
}

const root = document.getElementById("page");
if (root) {
  const shell = new Shell(root);
  const app = new App(shell, new Gate(), { signIn: signInPage, menu });
  const first = location.pathname === "/found" ? foundPage(app) : location.pathname === "/enrol" ? enrolPage(app) : signInPage(app);
  void shell.begin(first);
}
