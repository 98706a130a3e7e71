import type { Registry } from "@tallyman/domain/registry/registry";
import type { EcrRegistry } from "@tallyman/registry/open-registry";
import * as z from "zod";
import { AwsError } from "../../http/aws-service.ts";
import type { ServiceCallers } from "../../identity/service-callers.ts";
import { callEcr } from "../lambda/registry-calls.ts";

/** An image that Inspector scans: one of a platform, not archived, in a repository that a rule of the registry names. */
export type ScannedImage = {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly scanFrequency: "SCAN_ON_PUSH" | "CONTINUOUS_SCAN";
  readonly pushedAt: Date;
  readonly pulledAt?: Date;
};

export type ScannedImages = {
  /** Whether Inspector scans this registry at all (scan type ENHANCED). */
  isActive(at: Registry): Promise<boolean>;
  /** Every image, or those of certain digests by repository. */
  list(at: Registry, only?: ReadonlyMap<string, readonly string[]>): Promise<readonly ScannedImage[]>;
};

const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

const Configuration = z.object({ scanningConfiguration: z.object({ scanType: z.string() }) });
const Repositories = z.object({
  repositories: z.array(z.object({ repositoryName: z.string() })),
  nextToken: z.string().optional(),
});
const Frequencies = z.object({
  scanningConfigurations: z.array(z.object({ repositoryName: z.string(), scanFrequency: z.string() })),
});
const Images = z.object({
  imageDetails: z.array(
    z.object({
      repositoryName: z.string(),
      imageDigest: z.string(),
      imageTags: z.array(z.string()).default([]),
      imageManifestMediaType: z.string().default(""),
      imagePushedAt: z.number(),
      lastRecordedPullTime: z.number().optional(),
    }),
  ),
  nextToken: z.string().optional(),
});

/** Asks the registry as Inspector does, through its service-linked role. */
export function createScannedImages(deps: {
  readonly callApi: EcrRegistry["callApi"];
  readonly serviceCallers: ServiceCallers;
}): ScannedImages {
  async function ask<Shape extends z.ZodType>(
    { account, region }: Registry,
    shape: Shape,
    call: { readonly operation: string; readonly input: object },
  ): Promise<z.infer<Shape>> {
    const service = "inspector2.amazonaws.com";
    const caller = deps.serviceCallers.callerFor({ account, service, context: {}, trusted: true });
    const answer = await callEcr(deps.callApi, { caller, region }, call);
    if (answer.error !== undefined) throw new AwsError("InternalServerException", answer.message, 500);
    return shape.parse(answer.body);
  }

  async function repositories(at: Registry): Promise<readonly string[]> {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const input = { maxResults: 1000, nextToken };
      const page = await ask(at, Repositories, { operation: "DescribeRepositories", input });
      names.push(...page.repositories.map(({ repositoryName }) => repositoryName));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return names;
  }

  async function frequencies(at: Registry, names: readonly string[]) {
    const found = new Map<string, ScannedImage["scanFrequency"]>();
    for (let from = 0; from < names.length; from += 25) {
      const input = { repositoryNames: names.slice(from, from + 25) };
      const operation = "BatchGetRepositoryScanningConfiguration";
      const { scanningConfigurations } = await ask(at, Frequencies, { operation, input });
      for (const { repositoryName, scanFrequency } of scanningConfigurations)
        if (scanFrequency === "SCAN_ON_PUSH" || scanFrequency === "CONTINUOUS_SCAN")
          found.set(repositoryName, scanFrequency);
    }
    return found;
  }

  async function images(at: Registry, repositoryName: string): Promise<readonly ImageDetail[]> {
    const found: ImageDetail[] = [];
    let nextToken: string | undefined;
    do {
      const input = { repositoryName, maxResults: 1000, nextToken };
      const page = await ask(at, Images, { operation: "DescribeImages", input });
      found.push(...page.imageDetails);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  return {
    async isActive(at) {
      const call = { operation: "GetRegistryScanningConfiguration", input: {} };
      return (await ask(at, Configuration, call)).scanningConfiguration.scanType === "ENHANCED";
    },
    async list(at, only) {
      const wanted = (await repositories(at)).filter((name) => only?.has(name) ?? true);
      const scanned = await frequencies(at, wanted);
      const all: ScannedImage[] = [];
      for (const [repository, scanFrequency] of scanned)
        for (const detail of await images(at, repository))
          if (only?.get(repository)?.includes(detail.imageDigest) ?? true)
            if (!INDEXES.includes(detail.imageManifestMediaType))
              all.push(scannedImage(detail, scanFrequency));
      return all;
    },
  };
}

type ImageDetail = z.infer<typeof Images>["imageDetails"][number];

function scannedImage(detail: ImageDetail, scanFrequency: ScannedImage["scanFrequency"]): ScannedImage {
  const { repositoryName: repository, imageDigest: digest, imageTags: tags, lastRecordedPullTime } = detail;
  return {
    ...{ repository, digest, tags, scanFrequency },
    pushedAt: new Date(detail.imagePushedAt * 1000),
    ...(lastRecordedPullTime !== undefined && { pulledAt: new Date(lastRecordedPullTime * 1000) }),
  };
}
