import { matchesGlob } from "./glob.ts";
import { matchesRegex } from "./regex.ts";
import type { TagFormat, TagSelector } from "./selector.ts";
import { isSemanticVersion } from "./semver.ts";

/** Whether a tag is selected. Never backtracks, whatever the pattern. */
export function selectsTag(selector: TagSelector, tag: string): boolean {
  if (typeof selector === "string") return matchesGlob(selector, tag);
  if ("glob" in selector) return matchesGlob(selector.glob, tag);
  if ("regex" in selector) return matchesRegex(selector.regex, tag);
  return FORMATS[selector.format](tag);
}

/** How a selector is written in a reason: `v*`, `semver`, `/release-[0-9]+/`. */
export function describeSelector(selector: TagSelector): string {
  if (typeof selector === "string") return selector;
  if ("glob" in selector) return selector.glob;
  return "regex" in selector ? `/${selector.regex}/` : selector.format;
}

const FORMATS: Readonly<Record<TagFormat, (tag: string) => boolean>> = {
  semver: isSemanticVersion,
  // Abbreviated (7 digits, git's default, and up) or whole SHA-1, or a whole SHA-256.
  "git-sha": (tag) => /^(?:[0-9a-f]{7,40}|[0-9a-f]{64})$/.test(tag),
};
