import { GetClustersForImageCommand, Inspector2Client } from "@aws-sdk/client-inspector2";
import { repositoryArn } from "@tallyman/domain/registry/repository";
import type { ClusterOfImage, ClustersOfImage } from "@tallyman/domain/usage/clusters-of-image";
import * as z from "@tallyman/domain/zod";
import { type ClientsOptions, clientsAt } from "../sts/clients-at.ts";
import { askUsage } from "../usage/ask-usage.ts";

/** Inspector's largest page, and so many of them. */
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

/** Up to ten pages of a hundred clusters; an image in more is in use all the same. */
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
