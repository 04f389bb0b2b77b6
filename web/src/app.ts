// SPDX-License-Identifier: Apache-2.0

import { Gate } from "./gate.ts";
import { Desk } from "./desk.ts";

void Desk; void Gate;
document.title = "Sealwatch";
