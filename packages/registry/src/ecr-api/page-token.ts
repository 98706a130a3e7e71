import { createHmac, timingSafeEqual } from "node:crypto";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { invalidParameter } from "../core/errors.ts";

/** What a token continues: all of a call but where its page begins and how long it is. */
export type PagedQuery = { readonly operation: string; readonly registry: Registry; readonly input: unknown };

const Paged = z.looseObject({ nextToken: z.string().optional(), maxResults: z.unknown().optional() });
const MAC_BYTES = 16;

/** A token for the outside: opaque, and good for this query alone. */
export function sealToken(secret: Uint8Array, query: PagedQuery, token: string): string {
  return Buffer.concat([macOf(secret, query, token), Buffer.from(token)]).toString("base64url");
}

/** The input with the token as the operation wrote it; throws InvalidParameterException for a token of another query. */
export function openToken(secret: Uint8Array, query: PagedQuery): unknown {
  const paged = Paged.parse(query.input);
  if (paged.nextToken === undefined) return query.input;
  const bytes = Buffer.from(paged.nextToken, "base64url");
  const token = bytes.subarray(MAC_BYTES).toString();
  const mac = bytes.subarray(0, MAC_BYTES);
  if (mac.length === MAC_BYTES && timingSafeEqual(mac, macOf(secret, query, token))) {
    return { ...paged, nextToken: token };
  }
  throw invalidParameter("nextToken", "must be a token that an earlier page of the same request returned");
}

function macOf(secret: Uint8Array, { operation, registry, input }: PagedQuery, token: string): Buffer {
  const { nextToken: _, maxResults: __, ...query } = Paged.parse(input);
  const members = Object.entries(query).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(["page", operation, registry.account, registry.region, members, token]);
  return createHmac("sha256", secret).update(text).digest().subarray(0, MAC_BYTES);
}
