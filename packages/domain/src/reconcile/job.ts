import { AccountId, Region } from "../registry/registry.ts";
import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";

/** Names a whole reconcile: the schedule's execution, or what somebody asked for. */
export const RunId = z.string().check(z.minLength(1), z.maxLength(200));

/** `all`: every repository; `changed`: those that may differ from what is known, as far as events and summaries say. */
export const RunScope = z.enum(["all", "changed"]);
export type RunScope = z.infer<typeof RunScope>;

const where = { account: AccountId, region: Region, run: RunId };

/**
 * One step of a reconcile, in the order of the queue: list a registry's repositories, compare one of them, note that the
 * last of them is through. `repository` on the last: the run was of this one alone. `told`: what an event said of it, so that
 * finding just that is no difference. `partOf`: compared because the run is of its whole registry, and left out once that run
 * gave up or a later one began.
 */
export const ReconcileJob = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("registry"), ...where, scope: RunScope }),
  z.strictObject({
    kind: z.literal("repository"),
    ...where,
    repository: RepositoryName,
    told: z.exactOptional(z.literal("repository-delete")),
    partOf: z.exactOptional(z.literal("registry")),
  }),
  z.strictObject({ kind: z.literal("finish"), ...where, repository: z.exactOptional(RepositoryName) }),
]);
export type ReconcileJob = z.infer<typeof ReconcileJob>;

/**
 * A FIFO queue: group = registry, so that one registry's repositories are compared one at a time, in the order sent, and
 * a broken registry holds up none but itself; deduplicated by job and run. Throws when any job was not taken.
 */
export type ReconcileQueue = { send(jobs: readonly ReconcileJob[]): Promise<void> };
