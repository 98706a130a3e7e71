import * as z from "../zod.ts";

/** `sha256:` and 64 lower-case hexadecimal digits: the SHA-256 of the bytes as they were received. */
export const Digest = z
  .string()
  .check(z.regex(/^sha256:[a-f0-9]{64}$/, "a digest is sha256:<64 hex digits>"));
export type Digest = z.infer<typeof Digest>;

/** OCI Distribution tag grammar: at most 128 characters. */
export const Tag = z.string().check(z.regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/, "not an OCI tag"));
export type Tag = z.infer<typeof Tag>;

/** `sha256:0123456789ab`: for people, never for a decision. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
