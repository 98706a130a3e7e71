import { createHash } from "node:crypto";

/** A digest that is always the same for the same seed: `aDigest("A")`. */
export function aDigest(seed: string): string {
  return digestOf(new TextEncoder().encode(seed));
}

/** The digest of exactly these bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
