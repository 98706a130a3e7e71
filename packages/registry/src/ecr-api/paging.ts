import { invalidParameter } from "../core/errors.ts";

const DEFAULT_PAGE = 100;

export type PageRequest = {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
};

/** Reads at most `limit` items after the key `after`, in key order. */
export type Reader<Item> = (page: { readonly after: string; readonly limit: number }) => readonly Item[];

export type Paged<Item> = { readonly items: readonly Item[]; readonly nextToken: string | undefined };

/**
 * One page by key, so that what is written meanwhile neither repeats nor hides an item. `scope` says which list a
 * token belongs to: taken elsewhere, it is refused.
 */
export function readPage<Item>(
  request: PageRequest & { readonly scope: string },
  read: Reader<Item>,
  keyOf: (item: Item) => string,
): Paged<Item> {
  const limit = request.maxResults ?? DEFAULT_PAGE;
  const found = read({ after: afterOf(request.nextToken, request.scope), limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items, nextToken: more ? toToken(request.scope, keyOf(last)) : undefined };
}

function toToken(scope: string, after: string): string {
  return Buffer.from(JSON.stringify([scope, after])).toString("base64url");
}

function afterOf(token: string | undefined, scope: string): string {
  if (token === undefined) return "";
  const parsed = parseJson(Buffer.from(token, "base64url").toString());
  if (Array.isArray(parsed) && parsed[0] === scope && typeof parsed[1] === "string") return parsed[1];
  throw invalidParameter("nextToken", "must be a token that an earlier page of the same request returned");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Explicit ids and paging exclude each other. */
export function refusePaging(request: PageRequest, list: string): void {
  if (request.nextToken !== undefined)
    throw invalidParameter("nextToken", `must not be given together with ${list}`);
  if (request.maxResults !== undefined)
    throw invalidParameter("maxResults", `must not be given together with ${list}`);
}
