import * as z from "zod";
import type { XmlValue } from "../http/query-xml.ts";
import type { RoleDefinition } from "../identity/roles.ts";

/** Limits and patterns from the IAM API reference. */
export const Name = (length: number) =>
  z
    .string()
    .min(1)
    .max(length)
    .regex(/^[\w+=,.@-]+$/);
export const RoleName = Name(64);
export const PolicyName = Name(128);
export const Path = z
  .string()
  .max(512)
  .regex(/^(\/|\/[\u0021-\u007e]+\/)$/);
export const flag = z.enum(["true", "false"]).transform((value) => value === "true");
export const PolicyArn = z.string().min(20).max(2048);
export const Document = z.string().min(1).max(131_072);
export const Tags = z
  .array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
  .max(50)
  .transform((tags) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
export const Paging = {
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(1000).default(100),
};
export type Paging = { readonly Marker?: string | undefined; readonly MaxItems: number };
export const PathPrefix = z.string().max(512).default("/");

/** One page of a list, which stands under `name`. */
export function page(name: string, items: readonly XmlValue[], { Marker, MaxItems }: Paging): XmlValue {
  const from = Marker === undefined ? 0 : Number(Buffer.from(Marker, "base64url").toString()) || 0;
  const end = from + MaxItems;
  const rest = end < items.length && { Marker: Buffer.from(String(end)).toString("base64url") };
  return { [name]: items.slice(from, end), IsTruncated: rest !== false, ...rest };
}

/** Policies come in the answer as IAM shows them: percent-encoded JSON. */
export function encodedDocument(policy: unknown): string {
  return encodeURIComponent(documentText(policy));
}

export function documentText(policy: unknown): string {
  return typeof policy === "string" ? policy : JSON.stringify(policy);
}

export function tagList(tags: RoleDefinition["tags"]): XmlValue {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** A time as the Query protocol writes it, to the second. */
export function timestamp(time: string | Date): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
