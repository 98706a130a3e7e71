import { createHash } from "node:crypto";
import { Digest } from "@tallyman/domain/image/digest";
import * as z from "zod";
import { invalidParameter } from "./errors.ts";

/** Docker's manifests before version 1.10, signed and not. */
export const SIGNED_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws" as const;
export const UNSIGNED_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json" as const;

/** https://distribution.github.io/distribution/spec/manifest-v2-1/ */
export const Schema1Manifest = z.object({
  schemaVersion: z.literal(1),
  fsLayers: z.array(z.object({ blobSum: Digest })).min(1),
  history: z.array(z.object({ v1Compatibility: z.string() })).min(1),
  signatures: z
    .array(z.object({ protected: z.base64url() }))
    .min(1)
    .optional(),
});

const Protected = z.object({ formatLength: z.int().nonnegative(), formatTail: z.base64url() });

/**
 * The digest by which clients know such a manifest: of the signed payload, which is the manifest without its signatures.
 * Every signature says where they stand in the bytes.
 */
export function digestOfSchema1(bytes: Uint8Array, manifest: z.infer<typeof Schema1Manifest>): string {
  const [signature] = manifest.signatures ?? [];
  return `sha256:${createHash("sha256")
    .update(signature === undefined ? bytes : payloadOf(bytes, signature))
    .digest("hex")}`;
}

function payloadOf(bytes: Uint8Array, signature: { readonly protected: string }): Uint8Array {
  const format = Protected.safeParse(parseJson(Buffer.from(signature.protected, "base64url").toString()));
  if (!format.success || format.data.formatLength > bytes.byteLength)
    throw invalidParameter("imageManifest", "signatures.0.protected: does not say what is signed");
  const tail = Buffer.from(format.data.formatTail, "base64url");
  return Buffer.concat([bytes.subarray(0, format.data.formatLength), tail]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
