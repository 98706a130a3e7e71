import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRegistryCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  ListPullTimeUpdateExclusionsCommand,
  ListTagsForResourceCommand,
  RepositoryNotFoundException,
} from "@aws-sdk/client-ecr";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { Meter } from "./meter.ts";
import { type SyntheticImage, syntheticImage } from "./synthetic-images.ts";

/** How many images each repository has, by its place; `nameOf` names it. `sizes` may grow. */
export type SyntheticRegistry = { readonly registry: Registry; readonly sizes: readonly number[] };

export const READER = "tallyman-reader";
const ECR_PAGE = 1000;
const TEAMS = 40;

export function nameOf(place: number): string {
  return `team-${place % TEAMS}/service-${place}`;
}

function placeOf(name: string | undefined): number {
  return Number(name?.split("-").at(-1));
}

/**
 * A registry that makes up its images when a page of them is asked for, and keeps only the manifests of the last two pages,
 * which are asked for next. For the product's own adapters; counts calls by operation.
 */
export function syntheticEcr({ registry, sizes }: SyntheticRegistry, meter: Meter): ECRClient {
  let before = new Map<string, SyntheticImage>();
  let latest = new Map<string, SyntheticImage>();

  function describeImages({ repositoryName, nextToken, maxResults }: DescribeImagesCommand["input"]) {
    const place = placeOf(repositoryName);
    const images = sizes[place];
    if (images === undefined) throw new RepositoryNotFoundException({ message: "no such", $metadata: {} });
    const from = Number(nextToken ?? 0);
    const to = Math.min(images, from + Math.min(maxResults ?? 100, ECR_PAGE));
    [before, latest] = [latest, new Map()];
    const imageDetails = Array.from({ length: to - from }, (_, i) => detailOf(place, from + i));
    return { imageDetails, ...(to < images && { nextToken: String(to) }) };
  }

  function detailOf(place: number, number: number) {
    const image = syntheticImage(place, number);
    const { digest, mediaType, tags, size, pushedAt } = image;
    latest.set(digest, image);
    return {
      registryId: registry.account,
      repositoryName: nameOf(place),
      imageDigest: digest,
      imageTags: [...tags],
      imageManifestMediaType: mediaType,
      artifactMediaType: "application/vnd.oci.image.config.v1+json",
      imageSizeInBytes: size,
      imagePushedAt: pushedAt,
      ...(number % 2 === 0 && { lastRecordedPullTime: new Date(pushedAt.getTime() + 3_600_000) }),
      imageStatus: "ACTIVE",
    };
  }

  function batchGetImage({ imageIds = [] }: BatchGetImageCommand["input"]) {
    const images = imageIds.map(({ imageDigest = "" }) => {
      const image = latest.get(imageDigest) ?? before.get(imageDigest);
      if (image === undefined) throw new Error(`${imageDigest} was not on the last two pages`);
      return { imageManifest: image.manifest, imageManifestMediaType: image.mediaType };
    });
    return { images, failures: [] };
  }

  function describeRepositories({ nextToken }: DescribeRepositoriesCommand["input"]) {
    const from = Number(nextToken ?? 0);
    const names = sizes.map((_, place) => nameOf(place));
    const repositories = names.slice(from, from + ECR_PAGE).map((repositoryName) => ({ repositoryName }));
    return { repositories, ...(from + ECR_PAGE < names.length && { nextToken: String(from + ECR_PAGE) }) };
  }

  async function send(command: unknown): Promise<unknown> {
    meter.add(`ecr:${operationOf(command)}`);
    if (command instanceof DescribeImagesCommand) return describeImages(command.input);
    if (command instanceof BatchGetImageCommand) return batchGetImage(command.input);
    if (command instanceof DescribeRepositoriesCommand) return describeRepositories(command.input);
    if (command instanceof ListTagsForResourceCommand) return { tags: [{ Key: "team", Value: "bench" }] };
    if (command instanceof DescribeRegistryCommand) return { replicationConfiguration: { rules: [] } };
    const arn = `arn:aws:iam::${registry.account}:role/${READER}`;
    if (command instanceof ListPullTimeUpdateExclusionsCommand) return { pullTimeUpdateExclusions: [arn] };
    throw new Error("no such operation here");
  }
  return { send } as unknown as ECRClient;
}

const OPERATIONS = [
  ["DescribeImages", DescribeImagesCommand],
  ["BatchGetImage", BatchGetImageCommand],
  ["DescribeRepositories", DescribeRepositoriesCommand],
  ["ListTagsForResource", ListTagsForResourceCommand],
  ["DescribeRegistry", DescribeRegistryCommand],
  ["ListPullTimeUpdateExclusions", ListPullTimeUpdateExclusionsCommand],
] as const;

/** By class: names of classes do not outlive a bundle. */
function operationOf(command: unknown): string {
  return OPERATIONS.find(([, Command]) => command instanceof Command)?.[0] ?? "unknown";
}

/** A real client whose calls are counted the same way. */
export function countedEcr(client: ECRClient, meter: Meter): ECRClient {
  const send = (command: Parameters<ECRClient["send"]>[0]) => {
    meter.add(`ecr:${operationOf(command)}`);
    return client.send(command);
  };
  return { send } as unknown as ECRClient;
}
