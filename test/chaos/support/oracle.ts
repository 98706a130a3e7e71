import { DescribeRepositoriesCommand, type ImageDetail, paginateDescribeImages } from "@aws-sdk/client-ecr";
import type { Item } from "../../support/admin-api.ts";
import type { Embedded } from "../../support/embedded.ts";
import { withEcr } from "../../support/registries.ts";
import type { Registry } from "../../support/registry-client.ts";
import { PLACES, REGISTRIES, TAGS } from "./activity.ts";

export type Held = {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly status: string;
  readonly size: number;
  readonly mediaType: string;
  readonly pushedAt: string;
};

/** What each registry holds, asked of ECR by AWS's own SDK. By `account/region`. */
export function registryTruth(product: Embedded): Promise<Record<string, readonly Held[]>> {
  return everywhere((registry) => held(product, registry));
}

/** What the inventory says that each registry holds. */
export function inventory(product: Embedded): Promise<Record<string, readonly Held[]>> {
  return everywhere(async (registry) =>
    (await recorded(product, registry)).filter((it) => it["state"] === "open").map(asHeld),
  );
}

/** Digests that the inventory remembers as gone. */
export function remembered(product: Embedded): Promise<Record<string, readonly string[]>> {
  return everywhere(async (registry) =>
    (await recorded(product, registry))
      .filter((it) => it["state"] === "closed" && it["closedAt"] !== undefined)
      .map((it) => `${String(it["repository"])} ${String(it["digest"])}`),
  );
}

/** `repository tag digest` of each tag that breaks a rule of the example policy, by what `registryTruth` says. */
export function breaches(held: readonly Held[]): readonly string[] {
  return held
    .flatMap(({ repository, digest, tags }) =>
      tags.filter((tag) => isBad(repository, tag)).map((tag) => `${repository} ${tag} ${digest}`),
    )
    .toSorted();
}

/** By hand for the tags that these tests use: releases alone in `prod/**`, all but `latest` in `team/**`. */
function isBad(repository: string, tag: string): boolean {
  return repository.startsWith("prod/") ? !/^\d+\.\d+\.\d+$/.test(tag) : tag === "latest";
}

/** The same, as the inventory has them. A tag that breaks two rules is two violations. */
export async function openViolations(product: Embedded, registry: Registry): Promise<readonly string[]> {
  const found = await product.api.list("/violations", { ...registry });
  const lines = found.map((it) => `${String(it["repository"])} ${String(it["tag"])} ${String(it["digest"])}`);
  return [...new Set(lines)].toSorted();
}

/** Where each tag points, by the last word of its history; a tag that points nowhere is left out. */
export async function pointers(
  product: Embedded,
  tags: readonly string[] = TAGS,
): Promise<readonly string[]> {
  const found = PLACES.flatMap(({ registry, repository }) =>
    tags.map(async (tag) => {
      const history = await product.api.list("/tags/history", { ...registry, repository, tag });
      const digest = history.at(-1)?.["digest"];
      return typeof digest === "string" ? [`${name(registry)} ${repository} ${tag} ${digest}`] : [];
    }),
  );
  return (await Promise.all(found)).flat().toSorted();
}

/** The same, by what `registryTruth` says. */
export function tagsOf(truth: Readonly<Record<string, readonly Held[]>>): readonly string[] {
  const lines = Object.entries(truth).flatMap(([registry, held]) =>
    held.flatMap(({ repository, digest, tags }) =>
      tags.map((tag) => `${registry} ${repository} ${tag} ${digest}`),
    ),
  );
  return lines.toSorted();
}

export function name({ account, region }: Registry): string {
  return `${account}/${region}`;
}

async function everywhere<T>(
  ask: (registry: Registry) => Promise<readonly T[]>,
): Promise<Record<string, readonly T[]>> {
  const answers: Record<string, readonly T[]> = {};
  for (const registry of REGISTRIES) {
    const answer = await ask(registry);
    answers[name(registry)] = answer.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return answers;
}

function held(product: Embedded, registry: Registry): Promise<readonly Held[]> {
  return withEcr(product.url, registry, async (ecr) => {
    const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({}));
    const found: Held[] = [];
    for (const { repositoryName = "" } of repositories) {
      const pages = paginateDescribeImages(
        { client: ecr, pageSize: 7 },
        { repositoryName, filter: { imageStatus: "ANY" } },
      );
      for await (const { imageDetails = [] } of pages) found.push(...imageDetails.map(fromEcr));
    }
    return found;
  });
}

function fromEcr(image: ImageDetail): Held {
  return {
    repository: image.repositoryName ?? "",
    digest: image.imageDigest ?? "",
    tags: (image.imageTags ?? []).toSorted(),
    status: image.imageStatus ?? "",
    size: image.imageSizeInBytes ?? -1,
    mediaType: image.imageManifestMediaType ?? "",
    pushedAt: image.imagePushedAt?.toISOString() ?? "",
  };
}

async function recorded(product: Embedded, registry: Registry): Promise<readonly Item[]> {
  const repositories = await withEcr(product.url, registry, async (ecr) => {
    const answer = await ecr.send(new DescribeRepositoriesCommand({}));
    return (answer.repositories ?? []).map((it) => it.repositoryName ?? "");
  });
  const lists = await Promise.all(
    repositories.map((repository) => product.api.list("/images", { ...registry, repository })),
  );
  return lists.flat();
}

function asHeld(item: Item): Held {
  const { repository, digest, tags, status, size, mediaType, pushedAt } = item as Held;
  return { repository, digest, tags: tags.toSorted(), status, size, mediaType, pushedAt };
}
