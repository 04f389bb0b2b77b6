// SPDX-License-Identifier: Apache-2.0

import { type App } from "../page/app.ts";
import { heading, inset } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";

export function signInPage(_app: App, why = ""): Open {
  return () => ({ title: "Sign in", body: [heading("Sign in"), why ? inset(why) : null] });
}
