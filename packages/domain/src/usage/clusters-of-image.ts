import { inParallel } from "../inventory/in-parallel.ts";
import { parseImageUri } from "../registry/image-uri.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { UsageUnavailableError } from "./errors.ts";
import type { UseFound } from "./uses-of.ts";

/** One cluster that uses an image, as Inspector sees it. */
export type ClusterOfImage = {
  readonly clusterArn: string;
  readonly lastInUse: string;
  readonly running: number;
  readonly stopped: number;
  /** `service:web`, the task's group in ECS; `shop/Deployment/web` in EKS. */
  readonly workloads: readonly string[];
};

/**
 * Asks Inspector which clusters use one image: a call for each image, so only for a single candidate, never for a list of
 * them. `complete`: these are all. Throws UsageUnavailableError.
 */
export type ClustersOfImage = (image: RepositoryRef & { readonly digest: string }) => Promise<Inspected>;
export type Inspected = { readonly clusters: readonly ClusterOfImage[]; readonly complete: boolean };

/** A use with the clusters that Inspector names; `unknown`: why it named none. */
export type UseInClusters = UseFound & { readonly inspected?: Inspected & { readonly unknown?: string } };

const AT_ONCE = 4;

/**
 * The same uses, in their order. Inspector's reports say only that an image is in use: where, it is asked here, for at most
 * `most` of them. That it does not answer takes nothing away from the use itself.
 */
export async function withClusters(
  ask: ClustersOfImage,
  uses: readonly UseFound[],
  most: number,
): Promise<readonly UseInClusters[]> {
  const inspected = new Map<UseFound, UseInClusters>();
  const reported = uses.filter(({ source }) => source === "inspector");
  await inParallel(reported.slice(0, most), AT_ONCE, async (use) => {
    inspected.set(use, { ...use, inspected: await clustersOf(ask, use.image) });
  });
  for (const use of reported.slice(most))
    inspected.set(use, { ...use, inspected: notKnown("not asked: there are too many at once") });
  return uses.map((use) => inspected.get(use) ?? use);
}

async function clustersOf(ask: ClustersOfImage, image: string): Promise<Inspected> {
  const uri = parseImageUri(image);
  if (uri?.digest === undefined) return notKnown("its report names no digest");
  const { registry, repository, digest } = uri;
  try {
    return await ask({ ...registry, repository, digest });
  } catch (error) {
    if (error instanceof UsageUnavailableError) return notKnown(error.message);
    throw error;
  }
}

function notKnown(unknown: string) {
  return { clusters: [], complete: false, unknown };
}
