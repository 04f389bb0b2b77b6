// SPDX-License-Identifier: Apache-2.0

// Run once before the tests: makes the school that they copy.

import { makeTemplate } from "./lib/school.ts";

makeTemplate();
