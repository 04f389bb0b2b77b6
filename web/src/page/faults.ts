// SPDX-License-Identifier: Apache-2.0

// What went wrong, as a person reads it: what happened, and what to do next.

import { SealError, type FaultCode } from "../bytes.ts";
import { GateError } from "../gate.ts";

const says: Record<FaultCode, string> = {
  format: "What came is not in a form that this page knows. Load the page again. If it stays so, tell the headteacher.",
  version: "This was written by a newer version of Sealwatch. Load the page again to get the newer pages.",
  size: "This is larger than it may be.",
  damaged: "What came is damaged. Nothing of it is shown. Try again; if it stays so, tell the headteacher.",
  signature: "The signature does not hold. Somebody may have changed it. Stop here and tell the headteacher.",
  signer: "This was signed by somebody who may not. Stop here and tell the headteacher.",
  chain: "Something was left out, repeated or put in. Stop here and tell the headteacher.",
  foreign: "This belongs to another school or another item. Stop here and tell the headteacher.",
  share: "What the server released does not fit this item. Nothing was opened. Tell the headteacher.",
  decrypt: "The passphrase does not open this key. Check the words, one by one, against your sheet.",
  key: "This key does not work here. Use your passphrase instead.",
  missing: "Something that should be there is not. Tell the headteacher.",
  "not-yours": "Your key does not open this. The school may have another key of yours now. Ask the headteacher.",
  value: "Something was filled in that cannot be used.",
};

export function sentence(e: unknown): string {
  if (e instanceof GateError) return e.say;
  if (e instanceof SealError) return says[e.code];
  return "This page has a fault. Load it again. If it stays so, tell whoever looks after Sealwatch; nothing of what you were reading was kept.";
}

// ended reports whether the server has signed this person out.
export function ended(e: unknown): boolean {
  return e instanceof GateError && e.code === "sign-in";
}
