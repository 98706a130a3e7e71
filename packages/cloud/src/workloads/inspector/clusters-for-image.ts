import { repositoryArn } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import type { AwsRequest } from "../../http/aws-service.ts";
import { type ClusterUse, usesOf } from "./image-use.ts";
import { type InspectorOptions, inputOf, lastOf, seconds, tokenOf } from "./inspector-call.ts";

const GetClustersForImage = z.object({
  filter: z.object({ resourceId: z.string().min(1) }),
  maxResults: z.number().int().min(1).max(100).default(100),
  nextToken: z.string().min(1).max(3000).optional(),
});

/** Clusters of every account, in the order of their ARNs. */
export async function getClustersForImage(
  { fleet, now }: InspectorOptions,
  request: AwsRequest,
): Promise<object> {
  const { filter, maxResults, nextToken } = inputOf(GetClustersForImage, request);
  const { account, region } = request;
  const prefix = repositoryArn({ account, region, repository: "" });
  const key = filter.resourceId.startsWith(prefix) ? filter.resourceId.slice(prefix.length) : "";
  const { clusters = [] } = usesOf(fleet, { account, region }, now()).get(key) ?? {};
  const after = lastOf(nextToken);
  const rest = [...Map.groupBy(clusters, ({ clusterArn }) => clusterArn)]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .filter(([clusterArn]) => clusterArn > after);
  const page = rest.slice(0, maxResults);
  const last = page.at(-1)?.[0] ?? "";
  return {
    cluster: page.map(([clusterArn, uses]) => ({ clusterArn, clusterDetails: uses.map(clusterView) })),
    ...(rest.length > page.length && { nextToken: tokenOf(last) }),
  };
}

function clusterView({ group, taskDefinitionArn, lastInUse, running, stopped }: ClusterUse): object {
  return {
    lastInUse: seconds(lastInUse),
    runningUnitCount: running,
    stoppedUnitCount: stopped,
    clusterMetadata: { awsEcsMetadataDetails: { detailsGroup: group, taskDefinitionArn } },
  };
}
