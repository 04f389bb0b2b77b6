// SPDX-License-Identifier: Apache-2.0

import { type App } from "../page/app.ts";
import { heading } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";

export function keyPage(_app: App): Open {
  return () => ({ title: "Your key", body: heading("Your key") });
}
