import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";
import { connect } from "./ecr-client.ts";
import { buildImage, buildIndex } from "./image.ts";
import { hasRepositories, pushDemo } from "./push-demo.ts";

const east = { account: "111122223333", region: "us-east-1" };
const west = { account: "111122223333", region: "us-west-2" };
const other = { account: "444455556666", region: "us-east-1" };

describe("the demo", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "demo-"));
  let cloud: Cloud;
  const progress: string[] = [];

  beforeAll(async () => {
    const registries = [east, west, other];
    const place = { dataDirectory, bundlesDirectory: dataDirectory, port: 0 };
    cloud = await startCloud({ ...smallStacks(), ...place, hubRegistry: east, registries });
    expect(await hasRepositories(cloud.url)).toBe(false);
    await pushDemo(cloud.url, (line) => progress.push(line));
  });
  afterAll(async () => {
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function tagsOf({ account, region }: typeof east, repositoryName: string): Promise<string[]> {
    const key = account === other.account ? "test2" : "test";
    const client = await connect(cloud.url, { account, region, accessKeyId: key, secretAccessKey: key });
    const answer = (await client.call("DescribeImages", { repositoryName }, "NotFound")) as {
      imageDetails?: readonly { imageTags?: readonly string[]; imageManifestMediaType: string }[];
    };
    const images = answer.imageDetails ?? [];
    return images.flatMap(({ imageTags = [], imageManifestMediaType: type }) =>
      imageTags.map((tag) => (type.includes("index") ? `${tag} (index)` : tag)),
    );
  }

  test("pushes into two accounts and two Regions, an index among the images", async () => {
    expect((await tagsOf(east, "prod/web")).toSorted()).toEqual(["1.4.2", "latest"]);
    expect(await tagsOf(east, "prod/api")).toEqual(["2.0.0 (index)"]);
    expect(await tagsOf(west, "team/tools")).toEqual(["nightly"]);
    expect((await tagsOf(other, "prod/web")).toSorted()).toEqual(["1.4.1", "test"]);
    expect(progress).toEqual(["Pushing demo images (skip this with --no-demo)"]);
  });

  test("has what is for production replicated", async () => {
    await expect.poll(() => tagsOf(west, "prod/api"), { timeout: 60_000 }).toEqual(["2.0.0 (index)"]);
    expect(await tagsOf(east, "team/tools")).toEqual(["snapshot-7"]);
  });

  test("is not pushed where it is already", async () => {
    expect(await hasRepositories(cloud.url)).toBe(true);
  });

  test("builds the same images each time", async () => {
    const files = { "a.txt": "a" };
    expect((await buildImage({ files })).manifest.digest).toBe((await buildImage({ files })).manifest.digest);
    expect((await buildIndex(files)).manifest.digest).toBe((await buildIndex(files)).manifest.digest);
  });
});
