import { createHash } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `<prefix>` and 17 letters or digits, always the same for the same text: `AROA...` for a role, `AIDA...` for a user, `ANPA...` for a managed policy, `AIPA...` for an instance profile. */
export function uniqueId(prefix: "AROA" | "AIDA" | "ANPA" | "AIPA", text: string): string {
  return prefix + base32(createHash("sha256").update(text).digest().subarray(0, 17));
}

/** One letter for each byte; 5 of its 8 bits count. */
export function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => alphabet[byte & 31]).join("");
}
