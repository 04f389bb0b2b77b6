// SPDX-License-Identifier: Apache-2.0

import { type App } from "../page/app.ts";
import { heading } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";

export function enrolPage(_app: App): Open {
  return () => ({ title: "Join your school", body: heading("Join your school") });
}
