import type { Collection } from "./collection.ts";
import { invalid } from "./ecs-call.ts";

export type PageRequest = { readonly maxResults: number; readonly nextToken?: string | undefined };

/** One page of a group's records that are wanted, with the token of the next one. @throws AwsError for a token not of ours */
export function pageOf<T extends object>(
  collection: Collection<T>,
  group: string,
  { request, wanted }: { readonly request: PageRequest; readonly wanted: (record: T) => boolean },
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const { items, next } = collection.page(group, {
    after: placeIn(request),
    most: request.maxResults,
    wanted,
  });
  return {
    items,
    ...(next !== undefined && { nextToken: Buffer.from(`after ${next}`).toString("base64url") }),
  };
}

function placeIn({ nextToken }: PageRequest): number {
  if (nextToken === undefined) return 0;
  const [, order] = /^after (\d{1,15})$/.exec(Buffer.from(nextToken, "base64url").toString()) ?? [];
  if (order === undefined) throw invalid("Invalid token.");
  return Number(order);
}
