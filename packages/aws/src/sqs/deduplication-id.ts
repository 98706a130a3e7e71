import { createHash } from "node:crypto";

/** A FIFO deduplication id for a natural key of any length and alphabet (SQS takes 128 characters of ASCII). */
export function deduplicationId(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
