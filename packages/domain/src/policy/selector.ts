import * as z from "../zod.ts";
import { regexProblem } from "./regex.ts";

/** Longest glob or regular expression in a policy: longer than any repository name. */
const MAX_PATTERN = 300;

/** RE2 syntax: linear time, no look-around, no back-references. It must match the whole tag. */
const Regex = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_PATTERN),
  z.superRefine((pattern, context) => {
    const problem = regexProblem(pattern);
    if (problem) context.addIssue({ code: "custom", message: problem });
  }),
);

/** `*`: any characters but `/`. `**`: any characters; a leading or inner `**` with its `/` may also stand for nothing. */
export const Glob = z
  .string()
  .check(z.minLength(1), z.maxLength(MAX_PATTERN), z.regex(/^\S+$/, "a glob has no spaces"));

/** Named tag formats. */
export const TagFormat = z.enum(["semver", "git-sha"]);
export type TagFormat = z.infer<typeof TagFormat>;

/** What selects tags: a plain string is a glob. */
export const TagSelector = z.union([
  Glob,
  z.strictObject({ glob: Glob }),
  z.strictObject({ format: TagFormat }),
  z.strictObject({ regex: Regex }),
]);
export type TagSelector = z.infer<typeof TagSelector>;
