import type { LifecycleSelection } from "./lifecycle-policy.ts";

/** Whether an image with these tags meets a rule's tag requirements: of a list, *every* entry needs a tag. */
export function matchesTags(selection: LifecycleSelection, tags: readonly string[]): boolean {
  if (selection.tagStatus === "any") return true;
  if (selection.tagStatus === "untagged") return tags.length === 0;
  const { tagPatternList, tagPrefixList } = selection;
  if (tagPatternList !== undefined)
    return tagPatternList.every((pattern) => tags.some((tag) => matchesPattern(pattern, tag)));
  if (tagPrefixList !== undefined)
    return tagPrefixList.every((prefix) => tags.some((tag) => tag.startsWith(prefix)));
  return false; // Not a policy that was parsed: nothing is selected.
}

/**
 * Whether the whole tag matches, `*` being any run of characters. Each piece is taken where it first occurs, so the work
 * stays linear however many wildcards a pattern has.
 */
export function matchesPattern(pattern: string, tag: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return pattern === tag;
  if (!tag.startsWith(head)) return false;
  let position = head.length;
  for (const piece of rest) {
    const found = tag.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return tag.length - tail.length >= position && tag.endsWith(tail);
}
