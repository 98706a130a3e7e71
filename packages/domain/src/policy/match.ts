import { RE2JS } from "re2js";
import valid from "semver/functions/valid.js";
import type { TagFormat, TagSelector } from "./selector.ts";

// Compiled once per pattern. A policy has at most 200 x 150 patterns, and one function sees few policies in its life.
const compiled = new Map<string, RE2JS>();

/** Whether a repository name matches a glob (`prod/**`). */
export function matchesGlob(glob: string, name: string): boolean {
  return regexOf(globPattern(glob)).matches(name);
}

/** Whether a tag is selected. Linear in the tag's length whatever the pattern. */
export function selectsTag(selector: TagSelector, tag: string): boolean {
  if (typeof selector === "string") return matchesGlob(selector, tag);
  if ("glob" in selector) return matchesGlob(selector.glob, tag);
  if ("regex" in selector) return regexOf(selector.regex).matches(tag);
  return FORMATS[selector.format](tag);
}

/** How a selector is written in a reason: `v*`, `semver`, `/release-[0-9]+/`. */
export function describeSelector(selector: TagSelector): string {
  if (typeof selector === "string") return selector;
  if ("glob" in selector) return selector.glob;
  return "regex" in selector ? `/${selector.regex}/` : selector.format;
}

const FORMATS: Readonly<Record<TagFormat, (tag: string) => boolean>> = {
  // Semantic Versioning 2.0.0 in full, with or without the `v` that most pipelines write. The library also takes
  // spaces and `=` around a version, which a tag cannot contain, hence the comparison.
  semver: (tag) => valid(tag) === tag.replace(/^v/, ""),
  // Abbreviated (7 digits, git's default, and up) or whole SHA-1, or a whole SHA-256.
  "git-sha": (tag) => /^(?:[0-9a-f]{7,40}|[0-9a-f]{64})$/.test(tag),
};

function regexOf(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  const regex = RE2JS.compile(pattern);
  compiled.set(pattern, regex);
  return regex;
}

/** The glob as an RE2 pattern: every other character stands for itself. */
function globPattern(glob: string): string {
  return glob.replace(/\*\*\/|\*\*|\*|[^*]+/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    return part === "*" ? "[^/]*" : RE2JS.quote(part);
  });
}
