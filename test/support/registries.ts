import {
  BatchDeleteImageCommand,
  type BatchDeleteImageCommandInput,
  CreateRepositoryCommand,
  type ECRClient,
  PutRegistryPolicyCommand,
  PutReplicationConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { ecrClient, type Registry } from "./registry-client.ts";

/** The hub's own account and Region. */
export const EAST: Registry = { account: "111122223333", region: "us-east-1" };
export const WEST: Registry = { account: "111122223333", region: "us-west-2" };
export const EUROPE: Registry = { account: "111122223333", region: "eu-central-1" };
/** The other account. */
export const OTHER: Registry = { account: "444455556666", region: "us-east-1" };
export const REGISTRIES: readonly Registry[] = [EAST, WEST, EUROPE, OTHER];

/** Runs calls of a registry's administrator, as the AWS CLI would send them. */
export async function withEcr<T>(
  url: string,
  registry: Registry,
  run: (ecr: ECRClient) => Promise<T>,
): Promise<T> {
  const ecr = ecrClient(url, registry);
  try {
    return await run(ecr);
  } finally {
    ecr.destroy();
  }
}

export async function createRepository(url: string, registry: Registry, name: string): Promise<void> {
  await withEcr(url, registry, (ecr) => ecr.send(new CreateRepositoryCommand({ repositoryName: name })));
}

export async function deleteImage(
  url: string,
  registry: Registry,
  image: Pick<BatchDeleteImageCommandInput, "repositoryName" | "imageIds">,
): Promise<void> {
  const answer = await withEcr(url, registry, (ecr) => ecr.send(new BatchDeleteImageCommand(image)));
  if (answer.failures?.length) throw new Error(`not deleted: ${JSON.stringify(answer.failures)}`);
}

/** From now on, repositories of `source` below `prefix` are copied to `destination`. */
export async function replicate(
  url: string,
  route: { readonly source: Registry; readonly destination: Registry; readonly prefix: string },
): Promise<void> {
  const { account: registryId, region } = route.destination;
  const rule = {
    destinations: [{ region, registryId }],
    repositoryFilters: [{ filter: route.prefix, filterType: "PREFIX_MATCH" as const }],
  };
  await withEcr(url, route.source, (ecr) =>
    ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules: [rule] } })),
  );
}

/** Lets `source`'s account copy images into `destination`, as a destination's registry policy must say. */
export async function allowReplication(url: string, source: Registry, destination: Registry): Promise<void> {
  const statement = {
    Sid: "Replicate",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${source.account}:root` },
    Action: ["ecr:CreateRepository", "ecr:ReplicateImage"],
    Resource: `arn:aws:ecr:${destination.region}:${destination.account}:repository/*`,
  };
  const policyText = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await withEcr(url, destination, (ecr) => ecr.send(new PutRegistryPolicyCommand({ policyText })));
}
