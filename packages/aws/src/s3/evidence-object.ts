import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { UnreadableEvidenceError } from "@tallyman/domain/usage/errors";
import type * as z from "@tallyman/domain/zod";

/** Written on every object of evidence; one of another version is unreadable. */
const SCHEMA_VERSION = 1;

/** How an object of evidence is sent: compressed JSON. gzip writes no time into its header: equal content, equal bytes. */
export const EVIDENCE_TYPE = "application/gzip";

export async function packed(document: object): Promise<Uint8Array> {
  return promisify(gzip)(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...document }));
}

/** What is in it, checked; throws UnreadableEvidenceError. Unpacks no more than `MOST_BYTES`. */
export async function unpacked<T>(key: string, bytes: Uint8Array, schema: z.ZodMiniType<T>): Promise<T> {
  try {
    const text = await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES });
    const document: unknown = JSON.parse(text.toString("utf8"));
    if (versionOf(document) !== SCHEMA_VERSION) throw new Error("written by another version");
    return schema.parse(document);
  } catch (cause) {
    throw new UnreadableEvidenceError(key, { cause });
  }
}

/** Four times the largest report: 20,000 items of 1.5 KB. */
const MOST_BYTES = 128 * 1024 * 1024;

function versionOf(document: unknown): unknown {
  return typeof document === "object" && document !== null && "schemaVersion" in document
    ? document.schemaVersion
    : undefined;
}

/**
 * One part of a key that somebody else named. What may be in a scope would climb out of its folder (`..`) or be signed and
 * sent in two ways (`*`): everything but letters, digits and hyphens is written `_` and its code in four hexadecimal digits.
 */
export function keyPart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9-]/g, (it) => `_${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
