import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { ManifestHead } from "@tallyman/domain/manifest/contents";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { described, digest, pageOf, paging } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";

const KINDS = ["child", "parent", "referrer", "subject"] as const;
type Kind = (typeof KINDS)[number];

const Relation = documented(() =>
  z
    .object({
      kind: z.enum(KINDS).openapi({
        description:
          "child: a manifest of this index; parent: an index that names this one; referrer: what names this one as its subject; subject: what this one is about",
      }),
      digest: z.string(),
      platform: z.string().optional().openapi({ description: "Of a child, as the index says" }),
      mediaType: z.string().optional().openapi({ description: "Absent: its manifest is not known" }),
    })
    .openapi("Relation"),
);

const route = createRoute({
  method: "get",
  path: "/images/{digest}/relations",
  operationId: "listRelations",
  summary: "Children, parents, referrers and subject of an image, from the manifests that are known",
  ...needs("viewer"),
  request: {
    params: z.object({ digest }),
    query: z.strictObject({ kind: described("kind", z.enum(KINDS)), ...paging }),
  },
  responses: {
    ...problems("invalid-cursor", "not-found"),
    200: { description: "One page", content: jsonBody(() => pageOf(Relation())) },
  },
});

type Related = { readonly digest: string; readonly platform?: string };

export function registerRelations(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, kind } = c.req.valid("query");
    const { digest: of } = c.req.valid("param");
    const page = await readPage<Related>(c, deps, {
      operation: "listRelations",
      limit,
      cursor,
      filters: { digest: of, kind },
      read: (request) => READ[kind](deps, of, request),
    });
    const heads = await deps.manifests.findHeads(page.items.map((it) => it.digest));
    const items = page.items.map((it) => {
      const mediaType = heads.get(it.digest)?.mediaType;
      return { kind, ...it, ...(mediaType !== undefined && { mediaType }) };
    });
    return c.json({ ...page, items }, 200);
  });
}

const READ: Readonly<Record<Kind, (deps: ApiDeps, of: string, page: PageRequest) => Promise<Page<Related>>>> =
  {
    child: async (deps, of, { limit, next }) => {
      const { children } = await headOf(deps, of);
      const from = Number(next ?? 0);
      const items = children
        .slice(from, from + limit)
        .map(({ digest, platform }) => ({ digest, ...(platform !== undefined && { platform }) }));
      return from + limit < children.length ? { items, next: String(from + limit) } : { items };
    },
    subject: async (deps, of) => {
      const { subject } = await headOf(deps, of);
      return { items: subject === undefined ? [] : [{ digest: subject }] };
    },
    parent: (deps, of, page) => referring(deps, of, { kind: "child", page }),
    referrer: (deps, of, page) => referring(deps, of, { kind: "subject", page }),
  };

async function headOf(deps: ApiDeps, of: string): Promise<ManifestHead> {
  const head = (await deps.manifests.findHeads([of])).get(of);
  if (head !== undefined) return head;
  throw new ProblemError(
    "not-found",
    `The manifest of ${of} is not known; GET /api/v1/images/${of} says of each registry that holds it why.`,
  );
}

async function referring(
  deps: ApiDeps,
  of: string,
  { kind, page }: { readonly kind: "child" | "subject"; readonly page: PageRequest },
): Promise<Page<Related>> {
  const { items, ...rest } = await deps.queries.listReferring(of, kind, page);
  return { ...rest, items: items.map((digest) => ({ digest })) };
}
