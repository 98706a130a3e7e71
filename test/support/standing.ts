import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DescribeRepositoriesCommand, type ECRClient, paginateDescribeImages } from "@aws-sdk/client-ecr";
import type { Embedded } from "./embedded.ts";
import { slackMessages } from "./inventory.ts";
import { REGISTRIES, withEcr } from "./registries.ts";

/** Everything that a request could have written, as registries, inventory, files and queues show it. */
export async function standing(product: Embedded): Promise<unknown> {
  const registries = await Promise.all(
    REGISTRIES.map((registry) => withEcr(product.url, registry, (ecr) => contentsOf(ecr))),
  );
  // Counts and listings are written anew when time has passed; what they count stands below.
  const repositories = (await product.api.list("/repositories")).map(({ account, region, repository }) => ({
    account,
    region,
    repository,
  }));
  const lists = ["/violations", "/replicas", "/audit"].map((path) => product.api.list(path));
  return {
    registries,
    inventory: [repositories, ...(await Promise.all(lists))],
    images: await inventoryImages(product, registries),
    deadLetters: await deadLetters(product),
    slack: await slackMessages(product),
    files: filesOf(product.directory),
  };
}

/** Messages in each dead-letter queue. */
export async function deadLetters(product: Embedded): Promise<Readonly<Record<string, number>>> {
  const items = await product.api.list("/dead-letters");
  return Object.fromEntries(items.map(({ name, messages }) => [String(name), Number(messages)]));
}

type Contents = { readonly name: string; readonly images: readonly unknown[] };

async function contentsOf(ecr: ECRClient): Promise<readonly Contents[]> {
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({}));
  const contents: Contents[] = [];
  for (const { repositoryName: name = "" } of repositories) {
    const images: unknown[] = [];
    for await (const page of paginateDescribeImages({ client: ecr }, { repositoryName: name }))
      images.push(...(page.imageDetails ?? []));
    contents.push({ name, images });
  }
  return contents;
}

async function inventoryImages(
  product: Embedded,
  registries: readonly (readonly Contents[])[],
): Promise<unknown> {
  const questions = REGISTRIES.flatMap((registry, index) =>
    (registries[index] ?? []).map(({ name }) => ({ ...registry, repository: name })),
  );
  return Promise.all(questions.map((question) => product.api.list("/images", question)));
}

/** Blobs, and whatever lies where nothing should; databases, their logs and listings change by themselves. */
function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length))
    .filter((name) => !/^\/(tables|buckets|compile-cache|registry\/uploads)\/|-wal$|-shm$/.test(name))
    .toSorted();
}
