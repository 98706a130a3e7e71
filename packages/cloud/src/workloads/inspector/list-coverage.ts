import type { Registry } from "@tallyman/domain/registry/registry";
import { repositoryArn } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import type { AwsRequest } from "../../http/aws-service.ts";
import { asksForUse, CoverageFilter, type CoveredImage, isCovered } from "./coverage-filter.ts";
import { type ImageUse, usesOf } from "./image-use.ts";
import { type InspectorOptions, inputOf, lastOf, seconds, tokenOf } from "./inspector-call.ts";

const ListCoverage = z.object({
  filterCriteria: CoverageFilter.default({}),
  maxResults: z.number().int().min(1).max(200).default(100),
  nextToken: z.string().min(1).max(1_000_000).optional(),
});

/** In the order of their ARNs: a page goes on behind the last one that was told. */
export async function listCoverage(options: InspectorOptions, request: AwsRequest): Promise<object> {
  const { filterCriteria, maxResults, nextToken } = inputOf(ListCoverage, request);
  const after = lastOf(nextToken);
  const all = await covered(options, request, filterCriteria);
  const rest = all.filter((one) => one.resourceId > after && isCovered(filterCriteria, one));
  const page = rest.slice(0, maxResults);
  const last = page.at(-1)?.resourceId ?? "";
  return {
    coveredResources: page.map(coverageView),
    ...(rest.length > page.length && { nextToken: tokenOf(last) }),
  };
}

async function covered(
  { fleet, images, now }: InspectorOptions,
  { account, region }: Registry,
  filter: CoverageFilter,
): Promise<readonly CoveredImage[]> {
  const uses = usesOf(fleet, { account, region }, now());
  const listed = await images.list({ account, region }, asksForUse(filter) ? byRepository(uses) : undefined);
  return listed
    .map((image) => ({
      account,
      image,
      resourceId: `${repositoryArn({ account, region, repository: image.repository })}/${image.digest}`,
      use: uses.get(`${image.repository}/${image.digest}`),
    }))
    .toSorted((left, right) => (left.resourceId < right.resourceId ? -1 : 1));
}

function byRepository(uses: ReadonlyMap<string, ImageUse>): ReadonlyMap<string, readonly string[]> {
  const keys = [...uses.keys()].map((key) => [key.slice(0, key.lastIndexOf("/")), key] as const);
  const grouped = Map.groupBy(keys, ([repository]) => repository);
  return new Map(
    [...grouped].map(([repository, of]) => [
      repository,
      of.map(([, key]) => key.slice(repository.length + 1)),
    ]),
  );
}

function coverageView({ account, resourceId, image, use }: CoveredImage): object {
  return {
    resourceType: "AWS_ECR_CONTAINER_IMAGE",
    resourceId,
    accountId: account,
    scanType: "PACKAGE",
    scanStatus: { statusCode: "ACTIVE", reason: "SUCCESSFUL" },
    lastScannedAt: seconds(image.pushedAt),
    resourceMetadata: {
      ecrRepository: { name: image.repository, scanFrequency: image.scanFrequency },
      ecrImage: {
        tags: image.tags,
        ...(image.pulledAt && { imagePulledAt: seconds(image.pulledAt) }),
        ...(use && { lastInUseAt: seconds(use.lastInUse) }),
        inUseCount: use?.count ?? 0,
      },
    },
  };
}
