import type { RepositorySettings } from "../storage/repositories.ts";
import type { Switches } from "./switches.ts";

/**
 * May this tag, once set, not be moved? Filters match the whole tag (or, where that is chosen, a part of it),
 * case-sensitively; `*` is any run of characters.
 */
export function isTagImmutable(
  settings: Pick<RepositorySettings, "tagMutability" | "exclusionFilters">,
  tag: string,
  match: Switches["exclusionFilterMatch"],
): boolean {
  const matches = settings.exclusionFilters.some((filter) =>
    matchesWildcard(match === "part" ? `*${filter}*` : filter, tag),
  );
  switch (settings.tagMutability) {
    case "MUTABLE":
      return false;
    case "IMMUTABLE":
      return true;
    case "IMMUTABLE_WITH_EXCLUSION":
      return !matches;
    case "MUTABLE_WITH_EXCLUSION":
      return matches;
  }
}

/** Linear: parts between the stars are looked for from left to right. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= text.length - last.length;
}
