import type { ImageStatus } from "../image/image.ts";
import { type Cause, ENDINGS } from "./records.ts";

/** What a read found: nothing, or something that can be pulled or not. `status` undefined: of a tag. */
export type Finding = { readonly gone: boolean; readonly status?: ImageStatus };

type Because = { readonly cause: Cause; readonly why?: string };

/**
 * What led to what was found, as far as the message can have been about that: it may be late, and the registry have moved
 * on. A push whose image is gone by now did not end it: `event`, something happened that nobody has named yet.
 */
export function fittingCause({ cause, why }: Because, finding: Finding): Because {
  if (!fits(cause, finding)) return { cause: "event" };
  return { cause, ...(why !== undefined && { why }) };
}

function fits(cause: Cause, { gone, status }: Finding): boolean {
  if (cause === "reconcile" || cause === "event") return true;
  if (gone) return ENDINGS.includes(cause);
  if (cause === "archive") return status === "ARCHIVED";
  if (cause === "restore") return status === "ACTIVE" || status === "ACTIVATING";
  // A lifecycle rule may archive too.
  if (cause === "lifecycle") return status === "ARCHIVED";
  return !ENDINGS.includes(cause) && (status === undefined || status === "ACTIVE");
}
