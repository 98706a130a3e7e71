import * as z from "@tallyman/domain/zod";

const text = z.string();
const token = z.exactOptional(text);
const clusters = { clusters: z.array(text), more: token, token };
const buses = { buses: z.array(text), more: token, token };

/**
 * Where a collection of ECS stands. Clusters come first, one after the other: its running tasks, then those that stopped, so
 * that one that stops meanwhile is seen at least once, then its services. Last come the timers that start tasks.
 * `clusters`, `buses`: the one at hand and those after it; `more`: where their list goes on; `token`: where the step goes on.
 */
export const EcsCursor = z.discriminatedUnion("step", [
  z.object({ step: z.literal("clusters"), token }),
  z.object({ step: z.literal("running"), ...clusters }),
  z.object({ step: z.literal("stopped"), ...clusters }),
  z.object({ step: z.literal("services"), ...clusters }),
  z.object({ step: z.literal("buses"), token }),
  z.object({ step: z.literal("rules"), ...buses }),
  z.object({ step: z.literal("schedules"), token }),
]);
export type EcsCursor = z.infer<typeof EcsCursor>;

export type ClusterCursor = Extract<EcsCursor, { readonly clusters: unknown }>;
export type BusCursor = Extract<EcsCursor, { readonly buses: unknown }>;

export const FIRST: EcsCursor = { step: "clusters" };

export function atClusters(clusters: readonly string[], more: string | undefined): EcsCursor {
  if (clusters.length > 0) return { step: "running", clusters: [...clusters], ...(more && { more }) };
  return more ? { step: "clusters", token: more } : { step: "buses" };
}

/** `token`: of the step that was made; without one, the cluster's next step or the next cluster. */
export function afterCluster(cursor: ClusterCursor, token: string | undefined): EcsCursor {
  const { step, clusters, more } = cursor;
  const here = { clusters, ...(more !== undefined && { more }) };
  if (token) return { step, ...here, token };
  if (step === "running") return { step: "stopped", ...here };
  if (step === "stopped") return { step: "services", ...here };
  return atClusters(clusters.slice(1), more);
}

/** The cluster at hand is gone since it was listed. */
export function withoutCluster({ clusters, more }: ClusterCursor): EcsCursor {
  return atClusters(clusters.slice(1), more);
}

export function atBuses(buses: readonly string[], more: string | undefined): EcsCursor {
  if (buses.length > 0) return { step: "rules", buses: [...buses], ...(more && { more }) };
  return more ? { step: "buses", token: more } : { step: "schedules" };
}

export function afterBus({ buses, more }: BusCursor, token: string | undefined): EcsCursor {
  if (!token) return atBuses(buses.slice(1), more);
  return { step: "rules", buses, ...(more !== undefined && { more }), token };
}
