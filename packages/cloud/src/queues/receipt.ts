import { randomBytes } from "node:crypto";

/** An opaque handle for one receipt of one message. */
export function newReceipt(messageId: string): string {
  return Buffer.from(`${messageId}#${randomBytes(9).toString("hex")}`).toString("base64");
}

/** The message id in a receipt handle; undefined: no handle of ours. */
export function parseReceipt(receipt: string): string | undefined {
  const text = Buffer.from(receipt, "base64").toString("utf8");
  return /^([0-9a-f-]{36})#[0-9a-f]{18}$/.exec(text)?.[1];
}
