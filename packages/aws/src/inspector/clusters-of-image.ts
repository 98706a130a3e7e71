import { GetClustersForImageCommand, Inspector2Client } from "@aws-sdk/client-inspector2";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { repositoryArn } from "@tallyman/domain/registry/repository";
import * as z from "@tallyman/domain/zod";
import { type ClientsOptions, clientsAt } from "../sts/clients-at.ts";
import { askUsage } from "../usage/ask-usage.ts";

/** Inspector's largest page, and so many of them: an image in more clusters is in use all the same. */
const PAGE = 100;
const PAGES = 10;

const text = z.string();

const Metadata = z.object({
  awsEcsMetadataDetails: z.optional(z.object({ detailsGroup: text, taskDefinitionArn: text })),
  awsEksMetadataDetails: z.optional(
    z.object({
      namespace: z.optional(text),
      workloadInfoList: z._default(z.array(z.object({ name: text, type: text })), []),
    }),
  ),
});

const FOUND = {
  action: "inspector2:GetClustersForImage",
  schema: z.object({
    cluster: z.array(
      z.object({
        clusterArn: text,
        clusterDetails: z._default(
          z.array(
            z.object({
              lastInUse: z.date(),
              runningUnitCount: z._default(z.number(), 0),
              stoppedUnitCount: z._default(z.number(), 0),
              clusterMetadata: Metadata,
            }),
          ),
          [],
        ),
      }),
    ),
    nextToken: z.optional(text),
  }),
} as const;

/** One cluster that uses an image, as Inspector sees it. */
export type ClusterOfImage = {
  readonly clusterArn: string;
  readonly lastInUse: string;
  readonly running: number;
  readonly stopped: number;
  /** `service:web`, the task's group in ECS; `shop/Deployment/web` in EKS. */
  readonly workloads: readonly string[];
};
export type ClustersOfImage = (
  image: RepositoryRef & { readonly digest: string },
) => Promise<{ readonly clusters: readonly ClusterOfImage[]; readonly complete: boolean }>;

/**
 * Which clusters use one image: a call for each image, so only for a single candidate, never for a list of them.
 * `complete`: these are all. Throws UsageUnavailableError.
 */
export function inspectorClusters(options: ClientsOptions): ClustersOfImage {
  const clients = clientsAt(options, (settings) => new Inspector2Client(settings));
  return async (image) => {
    const resourceId = `${repositoryArn(image)}/${image.digest}`;
    const clusters: ClusterOfImage[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const input = { filter: { resourceId }, maxResults: PAGE, nextToken };
      const found = await askUsage(image, FOUND, () =>
        clients(image).send(new GetClustersForImageCommand(input)),
      );
      clusters.push(...found.cluster.flatMap(clustersOf));
      nextToken = found.nextToken;
      if (!nextToken) return { clusters, complete: true };
    }
    return { clusters, complete: false };
  };
}

type Found = z.infer<typeof FOUND.schema>["cluster"][number];

function clustersOf({ clusterArn, clusterDetails }: Found): readonly ClusterOfImage[] {
  return clusterDetails.map(({ lastInUse, runningUnitCount, stoppedUnitCount, clusterMetadata }) => ({
    clusterArn,
    lastInUse: lastInUse.toISOString(),
    running: runningUnitCount,
    stopped: stoppedUnitCount,
    workloads: workloadsOf(clusterMetadata),
  }));
}

function workloadsOf({ awsEcsMetadataDetails, awsEksMetadataDetails }: z.infer<typeof Metadata>) {
  const { namespace = "default", workloadInfoList = [] } = awsEksMetadataDetails ?? {};
  return [
    ...(awsEcsMetadataDetails ? [awsEcsMetadataDetails.detailsGroup] : []),
    ...workloadInfoList.map(({ name, type }) => `${namespace}/${type}/${name}`),
  ];
}
