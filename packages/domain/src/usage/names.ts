import * as z from "../zod.ts";

/** Part of keys: without `#`, which separates them, and without what no terminal should be sent. */
export const KeyText = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(256),
    z.regex(/^[\w.:/@$+=,*() -]+$/, "letters, digits and . : / @ $ + = , * ( ) - _ only"),
  );

/** A source's name: `ecs`, `lambda`, `inspector`, or one that the policy declares. */
export const SourceName = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      "a source's name has 1 to 63 lower-case letters, digits and hyphens",
    ),
  );

/** What a source sees at once: a cluster, an account and Region (`111122223333/us-east-1`). */
export const Scope = KeyText.check(
  // It is part of an object's key, which S3 holds to 1,024 bytes; each character may take five.
  z.maxLength(150, "a scope has at most 150 characters"),
);
