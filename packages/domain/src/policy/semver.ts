const NUMBER = "(0|[1-9]\\d*)";
const IDENTIFIER = "(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";

/** The grammar that semver.org suggests, without build metadata: a tag cannot contain its `+`. */
const VERSION = new RegExp(`^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${IDENTIFIER}(?:\\.${IDENTIFIER})*)?$`);

/** Longest version that the tools of the npm world take. */
const MAX_LENGTH = 256;

/**
 * Whether a tag is a version by Semantic Versioning 2.0.0, with or without the `v` that most pipelines write. Numbers
 * that tools could not compare exactly make it none.
 */
export function isSemanticVersion(tag: string): boolean {
  if (tag.length > MAX_LENGTH) return false;
  const [, ...numbers] = VERSION.exec(tag) ?? [];
  return numbers.length > 0 && numbers.every((digits) => Number.isSafeInteger(Number(digits)));
}
