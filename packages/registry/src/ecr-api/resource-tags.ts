import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import type { ResourceTag } from "../storage/repositories.ts";

/** `Tag` travels with capital members; its bounds are no part of the service model, but have an exception of their own. */
export const tagList = z.array(z.object({ Key: z.string(), Value: z.string() }));
export const tagKeyList = z.array(z.string());

const MAXIMUM_TAGS = 50;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Throws InvalidTagParameterException for tags that no resource can have. */
export function toResourceTags(tags: z.infer<typeof tagList>): readonly ResourceTag[] {
  for (const { Key, Value } of tags) {
    requireTagKey(Key);
    if (Value.length > 256 || !CHARACTERS.test(Value)) {
      throw invalidTag(
        `the value of '${Key}' must have at most 256 characters, letters, digits, spaces and _.:/=+-@`,
      );
    }
  }
  const keys = tags.map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) throw invalidTag("a key must not be given twice");
  return tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
}

/** Throws InvalidTagParameterException for a key that no resource can have; `aws:` is AWS's own. */
export function requireTagKey(key: string): void {
  if (key.length < 1 || key.length > 128 || !CHARACTERS.test(key)) {
    throw invalidTag("a key must have 1 to 128 characters, letters, digits, spaces and _.:/=+-@");
  }
  if (key.toLowerCase().startsWith("aws:")) throw invalidTag(`the key '${key}' has the reserved prefix aws:`);
}

/** The tags of a resource once `added` were set: what has the key already is overwritten. Throws TooManyTagsException. */
export function withTags(
  present: readonly ResourceTag[],
  added: readonly ResourceTag[],
): readonly ResourceTag[] {
  const keys = new Set(added.map(({ key }) => key));
  const tags = [...present.filter(({ key }) => !keys.has(key)), ...added];
  if (tags.length <= MAXIMUM_TAGS) return tags;
  throw new EcrError(
    "TooManyTagsException",
    "The list of tags on the repository is over the limit. The maximum number of tags that can be applied to a " +
      `repository is ${MAXIMUM_TAGS}.`,
  );
}

export function fromResourceTags(tags: readonly ResourceTag[]): readonly object[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

function invalidTag(problem: string): EcrError {
  return new EcrError("InvalidTagParameterException", `Tag parameters are invalid: ${problem}`);
}
