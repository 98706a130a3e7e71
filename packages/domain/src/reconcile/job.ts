import { AccountId, Region } from "../registry/registry.ts";
import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";

const where = { account: AccountId, region: Region, run: z.string().check(z.minLength(1), z.maxLength(200)) };

/** One step of a reconcile: list a registry's repositories, or compare one of them. `run` names the whole. */
export const ReconcileJob = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("registry"), ...where }),
  z.strictObject({ kind: z.literal("repository"), ...where, repository: RepositoryName }),
]);
export type ReconcileJob = z.infer<typeof ReconcileJob>;

/**
 * A FIFO queue: group = registry, so that one registry's repositories are compared one at a time and a broken registry
 * holds up none but itself; deduplicated by job and run. Throws when any job was not taken.
 */
export type ReconcileQueue = { send(jobs: readonly ReconcileJob[]): Promise<void> };
