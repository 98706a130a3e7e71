import { registryName } from "@tallyman/domain/registry/registry";
import type { Told } from "../api/history-answers.ts";
import { formatDigest } from "./format.ts";

/** What happened, in words: `tag 1.4.2 moved on to sha256:0123456789ab by arn:aws:...`. */
export function describeHappening(told: Told, wide: boolean): string {
  const { by, why, cause } = told;
  const doer = by === undefined ? "" : ` by ${by}`;
  // "by lifecycle policy (lifecycle rule 2)" would say it twice.
  const words = by === "lifecycle policy" ? why?.replace(/^lifecycle /, "") : why;
  const reason = words === undefined ? "" : ` (${words})`;
  const found = cause === "reconcile" && told.what !== "seen" ? ", found by a reconcile" : "";
  return `${deedOf(told, wide)}${doer}${reason}${found}`;
}

function deedOf(told: Told, wide: boolean): string {
  const { what, tag, to, registry, cause, action } = told;
  const where = registry === undefined ? "elsewhere" : registryName(registry);
  const named = tag === undefined ? "" : ` as ${tag}`;
  switch (what) {
    case "replicated":
      return registry === undefined ? "replicated here" : `replicated here from ${where}`;
    case "pulled-through":
      return "pulled through the cache";
    case "seen":
      return cause === "reconcile" ? "found by a reconcile" : "first seen";
    case "tagged":
      return `tagged ${tag}`;
    case "untagged":
      return to === undefined ? `tag ${tag} removed` : `tag ${tag} moved on to ${formatDigest(to, wide)}`;
    case "deleted":
      return cause === "repository-delete" ? "deleted with its repository" : "deleted";
    case "copied":
      return `copied to ${where}${named}`;
    case "copy-failed":
      return `copy to ${where}${named} failed`;
    case "copy-late":
      return `copy to ${where}${named} is late`;
    case "attempted":
      return `${action}${named} failed, tried`;
    case "called":
      return `${action}${named} without effect`;
    default:
      return what;
  }
}
