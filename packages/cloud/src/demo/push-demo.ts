import { connect, type DemoRegistry, type EcrClient } from "./ecr-client.ts";
import { buildImage, buildIndex, type DemoImage } from "./image.ts";

type DemoPush = {
  readonly repository: string;
  readonly tag: string;
  readonly image: () => Promise<DemoImage>;
};

const first: DemoRegistry = {
  account: "111122223333",
  region: "us-east-1",
  accessKeyId: "test",
  secretAccessKey: "test",
};
const west: DemoRegistry = { ...first, region: "us-west-2" };
const second: DemoRegistry = {
  account: "444455556666",
  region: "us-east-1",
  accessKeyId: "test2",
  secretAccessKey: "test2",
};

const web = (version: string) => buildImage({ files: { "index.html": `<h1>web ${version}</h1>\n` } });
const api = (version: string) => buildIndex({ "api.txt": `api ${version}\n` });
const tool = (version: string) => buildImage({ files: { "tool.sh": `#!/bin/sh\necho tool ${version}\n` } });

/** What a small company pushes in a morning: releases, and some tags that its rules do not allow. */
const pushes: readonly (readonly [DemoRegistry, readonly DemoPush[]])[] = [
  [
    first,
    [
      { repository: "prod/web", tag: "1.4.2", image: () => web("1.4.2") },
      { repository: "prod/web", tag: "latest", image: () => web("1.4.2") },
      { repository: "prod/api", tag: "2.0.0", image: () => api("2.0.0") },
      { repository: "team/tools", tag: "snapshot-7", image: () => tool("7") },
    ],
  ],
  [west, [{ repository: "team/tools", tag: "nightly", image: () => tool("8") }]],
  [
    second,
    [
      { repository: "prod/web", tag: "1.4.1", image: () => web("1.4.1") },
      { repository: "prod/web", tag: "test", image: () => web("1.5.0-test") },
    ],
  ],
];

/**
 * Pushes a few small images into two accounts and two Regions, over HTTP like any client, after telling the first
 * registry to replicate `prod/` to us-west-2. Returns how many images it pushed.
 */
export async function pushDemo(url: string, progress: (line: string) => void): Promise<number> {
  progress("Pushing demo images (skip this with --no-demo)");
  let count = 0;
  for (const [registry, wanted] of pushes) {
    const client = await connect(url, registry);
    if (registry === first) await replicate(client);
    for (const { repository, tag, image } of wanted) {
      await client.call(
        "CreateRepository",
        { repositoryName: repository },
        "RepositoryAlreadyExistsException",
      );
      await client.push(repository, tag, await image());
      count += 1;
    }
  }
  return count;
}

/** Whether a registry holds repositories already: then there is no demo to push. */
export async function hasRepositories(url: string): Promise<boolean> {
  for (const [registry] of pushes) {
    const client = await connect(url, registry);
    const answer = (await client.call("DescribeRepositories", {})) as { repositories: readonly unknown[] };
    if (answer.repositories.length > 0) return true;
  }
  return false;
}

function replicate(client: EcrClient): Promise<unknown> {
  const destinations = [{ region: west.region, registryId: west.account }];
  const repositoryFilters = [{ filter: "prod/", filterType: "PREFIX_MATCH" }];
  return client.call("PutReplicationConfiguration", {
    replicationConfiguration: { rules: [{ destinations, repositoryFilters }] },
  });
}
