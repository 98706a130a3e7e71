import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { type UseInClusters, withClusters } from "@tallyman/domain/usage/clusters-of-image";
import { doubtFinder } from "@tallyman/domain/usage/doubts-of";
import { USAGE_KINDS } from "@tallyman/domain/usage/evidence";
import { TooManyRelativesError } from "@tallyman/domain/usage/relatives";
import { type UseFound, type UsesOf, usesOf, VIAS } from "@tallyman/domain/usage/uses-of";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { digest, pageOf, paging } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";
import { readUsagePolicy } from "../usage-source.ts";
import { Doubted, doubtsView } from "./usage-shapes.ts";
import { evidenceOf } from "./usage-status.ts";

const Place = () => ({ account: z.string(), region: z.string(), repository: z.string() });

const Inspected = () =>
  z
    .object({
      clusters: z.array(
        z.object({
          clusterArn: z.string(),
          lastInUse: z.string(),
          running: z.number().int(),
          stopped: z.number().int(),
          workloads: z.array(z.string()).openapi({ example: ["service:web"] }),
        }),
      ),
      complete: z.boolean().openapi({ description: "false: there may be more clusters than these" }),
      unknown: z.string().optional().openapi({ description: "Why Inspector named none" }),
    })
    .openapi({ description: "Of what Amazon Inspector sees in use: where, asked just now" });

const Use = documented(() =>
  z
    .object({
      source: z.string(),
      scope: z.string(),
      account: z.string(),
      region: z.string().optional(),
      cluster: z.string().openapi({ description: "Empty: in no cluster" }),
      service: z.string(),
      kinds: z.array(z.enum(USAGE_KINDS)),
      image: z.string().openapi({ description: "As the workload names it" }),
      via: z.enum(VIAS).openapi({
        description:
          "digest: this very one; index: an index that holds it; platform: a platform that it holds; subject: what it refers to; tag: whatever the tag points at is used",
      }),
      digest: z.string().openapi({ description: "The digest that is used, or that the tag points to" }),
      tag: z.object({ ...Place(), tag: z.string() }).optional(),
      firstSeen: z.string(),
      lastSeen: z.string(),
      endedAt: z
        .string()
        .optional()
        .openapi({ description: "Since when its source does not see it any more" }),
      inspected: Inspected().optional(),
    })
    .openapi("Use"),
);

const route = createRoute({
  method: "get",
  path: "/images/{digest}/usage",
  operationId: "listUsesOfImage",
  summary: "Where an image is used, in every registry, also through indexes, their platforms and tags",
  description:
    "`doubts` names the repositories that hold it and of which it is not known what runs: there, no use listed says nothing.",
  ...needs("viewer"),
  request: { params: z.object({ digest }), query: z.strictObject(paging) },
  responses: {
    ...problems("invalid-cursor", "not-found", "conflict", "unavailable"),
    200: {
      description: "One page, by account, cluster and service",
      content: jsonBody(() =>
        pageOf(Use()).extend({
          asOf: z.string(),
          total: z.number().int(),
          unread: z
            .array(z.string())
            .openapi({ description: "Manifests bound to it that are not known: more may be bound to it" }),
          doubts: z.array(z.object({ ...Place(), ...Doubted() })),
        }),
      ),
    },
  },
});

export function registerUsageOfImage(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { digest: wanted } = c.req.valid("param");
    const now = deps.now();
    const [found, holders] = await Promise.all([findUses(deps, wanted, now), holdersOf(deps, wanted)]);
    if (found.uses.length === 0 && holders.length === 0)
      throw new ProblemError("not-found", `Nothing is known to hold or to use ${wanted}.`);
    const page = await readPage(c, deps, {
      operation: "listUsesOfImage",
      limit,
      cursor,
      filters: { digest: wanted },
      read: async (request) => part(found.uses, request),
    });
    const about = { asOf: now.toISOString(), total: found.uses.length, unread: [...found.unread] };
    const doubts = await doubtsAbout(deps, holders, now);
    const uses = await withClusters(deps.clustersOfImage, page.items, INSPECTED_AT_ONCE);
    const items = uses.map(useView);
    return c.json({ ...page, items, ...about, doubts }, 200);
  });
}

function useView({ kinds, inspected, ...use }: UseInClusters) {
  const clusters = inspected?.clusters.map((it) => ({ ...it, workloads: [...it.workloads] })) ?? [];
  return { ...use, kinds: [...kinds], ...(inspected && { inspected: { ...inspected, clusters } }) };
}

/** Images of one page that Inspector is asked of: each takes a call. */
const INSPECTED_AT_ONCE = 10;

async function findUses(deps: ApiDeps, wanted: string, now: Date): Promise<UsesOf> {
  const [{ recentlyStoppedHours }, stores] = await Promise.all([readUsagePolicy(deps), deps.usageStores()]);
  try {
    return await usesOf({ ...deps, ...stores }, wanted, { now, recentlyStoppedHours });
  } catch (error) {
    if (error instanceof TooManyRelativesError) throw new ProblemError("conflict", error.message);
    throw error;
  }
}

const HOLDERS = 100;

/** Repositories that have it now. */
async function holdersOf(deps: ApiDeps, wanted: string): Promise<readonly RepositoryRef[]> {
  const { items } = await deps.queries.listImagesByDigest(wanted, { limit: HOLDERS });
  return items
    .filter(({ state }) => state === "open")
    .map(({ account, region, repository }) => ({ account, region, repository }));
}

async function doubtsAbout(deps: ApiDeps, holders: readonly RepositoryRef[], now: Date) {
  if (holders.length === 0) return [];
  const doubts = doubtFinder(await evidenceOf(deps), now);
  return holders
    .map((ref) => ({ ref, found: doubts(ref) }))
    .filter(({ found }) => found.length > 0)
    .map(({ ref, found }) => ({ ...ref, ...doubtsView(found) }));
}

/** What is asked for again was read again: the number of uses that were given says where to go on. */
function part(uses: readonly UseFound[], { limit, next = "0" }: PageRequest): Page<UseFound> {
  const from = Number(next);
  const items = uses.slice(from, from + limit);
  return from + limit < uses.length ? { items, next: String(from + limit) } : { items };
}
