import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Page } from "@tallyman/domain/inventory/ports";
import type { ImageRecord } from "@tallyman/domain/inventory/records";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { account, digest, pageOf, paging, region, repository, tag } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";
import { Image, withAllTags, withTags } from "./image.ts";
import { listedPage, selecting, selectionOf } from "./listed-images.ts";

const responses = {
  ...problems("invalid-cursor", "not-found"),
  200: { description: "One page", content: jsonBody(() => pageOf(Image())) },
};

const list = createRoute({
  method: "get",
  path: "/images",
  operationId: "listImages",
  summary: "Images of one repository, those that are gone included, or the image a tag points to",
  description:
    "With `sort`, `order`, `tagGlob` or `status`: the images that are there, from the repository's listing, as of `asOf`.",
  ...needs("viewer"),
  request: {
    query: z.strictObject({ account, region, repository, tag: tag.optional(), ...selecting, ...paging }),
  },
  responses: {
    ...problems("invalid-cursor", "not-found", "not-counted"),
    200: { description: "One page", content: jsonBody(() => pageOf(Image()).extend({ asOf: asOf() })) },
  },
});

const asOf = documented(() =>
  z.string().optional().openapi({ description: "When the listing was written that the answer is from" }),
);

const byDigest = createRoute({
  method: "get",
  path: "/images/{digest}",
  operationId: "findImage",
  summary: "Every registry that holds, or held, an image",
  ...needs("viewer"),
  request: { params: z.object({ digest }), query: z.strictObject(paging) },
  responses,
});

export function registerImages(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, tag: wanted, sort, order, tagGlob, status, ...ref } = c.req.valid("query");
    const selection = selectionOf({ sort, order, tagGlob, status });
    if (selection !== undefined) {
      if (wanted !== undefined) throw new ProblemError("invalid-parameter", TAG_ALONE);
      return c.json(await listedPage(c, deps, { ref, selection, limit, cursor }), 200);
    }
    const page = await readPage(c, deps, {
      operation: "listImages",
      limit,
      cursor,
      filters: { ...ref, tag: wanted },
      read: (request) =>
        wanted === undefined ? deps.queries.listImages(ref, request) : imageOfTag(deps, ref, wanted),
    });
    if (page.items.length === 0 && cursor === undefined && page.next === undefined)
      await assertKnown(deps, ref);
    const whole = wanted === undefined && cursor === undefined && page.next === undefined;
    const items = whole ? await withAllTags(deps, ref, page.items) : await withTags(deps, page.items);
    return c.json({ ...page, items }, 200);
  });

  app.openapi(byDigest, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { digest: wanted } = c.req.valid("param");
    const page = await readPage(c, deps, {
      operation: "findImage",
      limit,
      cursor,
      filters: { digest: wanted },
      read: (request) => deps.queries.listImagesByDigest(wanted, request),
    });
    if (page.items.length === 0 && cursor === undefined && page.next === undefined)
      throw new ProblemError("not-found", `No registry is known to hold or to have held ${wanted}.`);
    return c.json({ ...page, items: await withTags(deps, page.items) }, 200);
  });
}

const TAG_ALONE = "A tag names one image: give it without sort, order, tagGlob and status.";

async function imageOfTag(deps: ApiDeps, ref: RepositoryRef, wanted: string): Promise<Page<ImageRecord>> {
  const pointer = await deps.tags.findTag(ref, wanted);
  const gone = pointer === undefined ? "is not known" : "points to nothing now";
  if (pointer === undefined || pointer.digest === null)
    throw new ProblemError(
      "not-found",
      `Tag "${wanted}" of ${ref.repository} in ${registryName(ref)} ${gone}; its past is at /api/v1/tags/history.`,
    );
  const image = await deps.images.findImage(ref, pointer.digest);
  return { items: image === undefined ? [] : [image] };
}

/** An empty list of a repository that was never heard of is a misspelling more often than an answer. */
async function assertKnown(deps: ApiDeps, ref: RepositoryRef): Promise<void> {
  if ((await deps.summaries.findSummary(ref)) !== undefined) return;
  throw new ProblemError(
    "not-found",
    `The inventory knows no repository ${ref.repository} in ${registryName(ref)}; GET /api/v1/repositories lists those it knows.`,
  );
}
