import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";

/** Adds routes to what stands under `/api/v1`. */
export type RegisterRoutes = (v1: OpenAPIHono<ApiEnv>, deps: ApiDeps) => void;

type RouteGroup = () => Promise<readonly RegisterRoutes[]>;

/**
 * The routes by the first part of their path. A process loads those that are asked for: most serve one or two, and all
 * schemas of all routes were a third of every start.
 */
const GROUPS: Readonly<Record<string, RouteGroup>> = {
  health: async () => [(await import("./routes/health.ts")).registerHealth],
  registries: async () => [(await import("./routes/registries.ts")).registerRegistries],
  repositories: async () => [(await import("./routes/repositories.ts")).registerRepositories],
  totals: async () => [(await import("./routes/totals.ts")).registerTotals],
  images: async () => [
    (await import("./routes/images.ts")).registerImages,
    (await import("./routes/relations.ts")).registerRelations,
    (await import("./routes/life.ts")).registerLife,
    (await import("./routes/usage-of-image.ts")).registerUsageOfImage,
  ],
  changes: async () => [(await import("./routes/changes.ts")).registerChanges],
  why: async () => [(await import("./routes/why.ts")).registerWhy],
  tags: async () => [(await import("./routes/tags.ts")).registerTags],
  violations: async () => [(await import("./routes/violations.ts")).registerViolations],
  replicas: async () => [(await import("./routes/replicas.ts")).registerReplicas],
  audit: async () => [(await import("./routes/audit.ts")).registerAudit],
  brake: async () => [(await import("./routes/brake.ts")).registerBrake],
  "dead-letters": async () => [(await import("./routes/dead-letters.ts")).registerDeadLetters],
  usage: async () => [
    (await import("./routes/usage-status.ts")).registerUsageStatus,
    (await import("./routes/usage-report.ts")).registerUsageReport,
    (await import("./routes/usage-accept.ts")).registerUsageAccept,
  ],
  reconciles: async () => [(await import("./routes/reconciles.ts")).registerReconciles],
};

const ALL = "openapi.json";

/** The group that a path belongs to; `undefined`: no route begins so. */
export function groupOf(path: string): string | undefined {
  const [, api, version, group = ""] = path.split("/");
  if (api !== "api") return undefined;
  if (version === ALL) return ALL;
  return version === "v1" && Object.hasOwn(GROUPS, group) ? group : undefined;
}

/** What registers the routes of a group; of all for the document that describes them. */
export async function routesOf(group: string | undefined): Promise<readonly RegisterRoutes[]> {
  const groups = group === ALL ? Object.values(GROUPS) : group === undefined ? [] : [GROUPS[group]];
  return (await Promise.all(groups.map((load) => load?.() ?? []))).flat();
}
