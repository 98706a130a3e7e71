import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { ListedImage, Listing } from "@tallyman/domain/listing/listing";
import {
  IMAGE_ORDERS,
  type ImagePlace,
  type ImageSelection,
  placeOf,
  selectImages,
} from "@tallyman/domain/listing/select-images";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Context } from "hono";
import * as z from "zod";
import type { ApiEnv } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { readPage } from "../paging.ts";
import { described } from "../parameters.ts";
import { ProblemError } from "../problem.ts";
import type { Image } from "./image.ts";

/** What makes a list of images one of the listing object: no partition of the table is in these orders. */
export const selecting = {
  sort: described("sort", z.enum(IMAGE_ORDERS).optional()),
  order: described("order", z.enum(["ascending", "descending"]).optional()),
  tagGlob: described("tagGlob", z.string().min(1).max(128).optional()),
  status: described("status", z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]).optional()),
};

/** The values of those parameters, `undefined` where the caller gave none. */
export type Selecting = {
  readonly [Name in keyof typeof selecting]: z.infer<(typeof selecting)[Name]>;
};

/** `undefined`: nothing of the kind was asked for. The newest push comes first unless something else is said. */
export function selectionOf({ sort, order, tagGlob, status }: Selecting): ImageSelection | undefined {
  if ([sort, order, tagGlob, status].every((it) => it === undefined)) return undefined;
  return {
    sort: sort ?? "pushed",
    order: order ?? "descending",
    ...(tagGlob !== undefined && { tagGlob }),
    ...(status !== undefined && { status }),
  };
}

type ListedRequest = {
  readonly ref: RepositoryRef;
  readonly selection: ImageSelection;
  readonly limit: number;
  readonly cursor: string | undefined;
};

/** One page of a repository's listing. A listing that is rewritten between two pages is gone on with from the same place. */
export async function listedPage(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { ref, selection, limit, cursor }: ListedRequest,
) {
  const listing = await deps.listings.findListing(ref);
  if (listing === undefined) throw await notListed(deps, ref);
  const page = await readPage(c, deps, {
    operation: "listImages",
    limit,
    cursor,
    filters: { ...ref, ...selection },
    read: async (request) => pageFrom(listing, selection, request),
  });
  return { ...page, items: page.items.map((image) => shown(ref, image)), asOf: listing.asOf };
}

function pageFrom(
  listing: Listing,
  selection: ImageSelection,
  { limit, next }: PageRequest,
): Page<ListedImage> {
  const after = next === undefined ? undefined : (JSON.parse(next) as ImagePlace);
  const selected = selectImages(listing.images, selection, after);
  const items = selected.slice(0, limit);
  const last = items.at(-1);
  if (selected.length <= limit || last === undefined) return { items };
  return { items, next: JSON.stringify(placeOf(last, selection.sort)) };
}

function shown({ account, region, repository }: RepositoryRef, { layers: _, ...image }: ListedImage): Image {
  return { account, region, repository, ...image, state: "open", tags: [...image.tags] };
}

async function notListed(deps: ApiDeps, ref: RepositoryRef): Promise<ProblemError> {
  const name = `${ref.repository} in ${registryName(ref)}`;
  const summary = await deps.summaries.findSummary(ref);
  if (summary === undefined)
    return new ProblemError(
      "not-found",
      `The inventory knows no repository ${name}; GET /api/v1/repositories lists those it knows.`,
    );
  return new ProblemError(
    "not-counted",
    `${name} has no listing: it is written about a minute after a repository's first event, or by POST /api/v1/reconciles.`,
  );
}
