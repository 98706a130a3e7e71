import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { writeOciLayout } from "./oci-layout.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";
const ZSTD_MAGIC = 0xfd2fb528;

describe.runIf(haveClients("skopeo", "aws"))("skopeo", () => {
  let session: ClientSession;
  let credentials: string;
  let layout: string;

  beforeAll(async () => {
    session = await ClientSession.start();
    credentials = await session.login();
    layout = (await writeOciLayout("formats\n")).directory;
  });
  afterAll(() => session.dispose());

  const skopeo = (...args: readonly string[]) => succeeds("skopeo", args);
  const remote = (reference: string) => `docker://${session.host}/${reference}`;
  const here = () => ["--tls-verify=false", `--creds=${credentials}`];
  const from = () => ["--src-tls-verify=false", `--src-creds=${credentials}`];
  const to = () => ["--dest-tls-verify=false", `--dest-creds=${credentials}`];
  const inspectRaw = async (reference: string) =>
    JSON.parse(await skopeo("inspect", "--raw", ...here(), remote(reference)));

  async function repository(name: string): Promise<void> {
    await session.ecr("create-repository", "--repository-name", name);
  }
  /** Two images, and an index of them under the tag 2.0.0. */
  async function pushIndex(name: string) {
    const client = await RegistryClient.login(session.product.url, EAST);
    const children = [
      await client.pushImage(name, undefined, "amd64"),
      await client.pushImage(name, undefined, "arm64"),
    ];
    return { index: await client.pushIndex(name, "2.0.0", children), children };
  }
  async function push(reference: string, ...options: readonly string[]): Promise<void> {
    await skopeo("copy", ...options, ...to(), `oci:${layout}:image`, remote(reference));
  }
  async function describeTag(repository: string, tag: string): Promise<Record<string, unknown> | undefined> {
    const ids = `imageTag=${tag}`;
    const found = await session.ecr("describe-images", "--repository-name", repository, "--image-ids", ids);
    return (found["imageDetails"] as Record<string, unknown>[])[0];
  }
  async function tags(repository: string): Promise<unknown> {
    return JSON.parse(await skopeo("list-tags", ...here(), remote(repository))).Tags;
  }

  test("an image goes up as Docker schema 2 and comes down as OCI", async () => {
    await repository("skopeo/app");
    await push("skopeo/app:docker", "--format", "v2s2");
    expect(await describeTag("skopeo/app", "docker")).toMatchObject({ imageManifestMediaType: DOCKER });
    expect(await inspectRaw("skopeo/app:docker")).toMatchObject({ schemaVersion: 2, mediaType: DOCKER });
    const back = join(session.directory, "as-oci");
    await skopeo("copy", "--format", "oci", ...from(), remote("skopeo/app:docker"), `oci:${back}:image`);
    const [manifest] = JSON.parse(readFileSync(join(back, "index.json"), "utf8")).manifests;
    expect(manifest.mediaType).toBe(OCI);
  });

  test("an image goes up as Docker schema 1, which the registry keeps as it is, and comes down as OCI", async () => {
    await repository("skopeo/old");
    await push("skopeo/old:1", "--format", "v2s1");
    expect(await describeTag("skopeo/old", "1")).toMatchObject({
      imageManifestMediaType: "application/vnd.docker.distribution.manifest.v1+prettyjws",
    });
    const { schemaVersion, name, signatures } = await inspectRaw("skopeo/old:1");
    expect([schemaVersion, name, signatures.length]).toEqual([1, "skopeo/old", 1]);
    const back = join(session.directory, "from-schema-1");
    await skopeo("copy", ...from(), remote("skopeo/old:1"), `oci:${back}:image`);
    const { manifests } = JSON.parse(readFileSync(join(back, "index.json"), "utf8"));
    expect(manifests).toMatchObject([{ mediaType: OCI }]);
  });

  test("layers that are compressed with zstd are kept as they are", async () => {
    await repository("skopeo/zstd");
    // Of its own: skopeo remembers where it saw a layer, and would send the one it knows in gzip.
    const other = await writeOciLayout("zstd\n");
    const plain = join(session.directory, "plain");
    await skopeo("copy", "--dest-decompress", `oci:${other.directory}:image`, `dir:${plain}`);
    const zstd = ["--dest-compress-format", "zstd", "--format", "oci"];
    await skopeo("copy", ...zstd, ...to(), `dir:${plain}`, remote("skopeo/zstd:1"));
    const { layers } = await inspectRaw("skopeo/zstd:1");
    expect(layers).toMatchObject([{ mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" }]);
    expect(await describeTag("skopeo/zstd", "1")).toMatchObject({ imageSizeInBytes: layers[0].size });
    const back = join(session.directory, "zstd");
    await skopeo("copy", ...from(), remote("skopeo/zstd:1"), `dir:${back}`);
    const layer = readFileSync(join(back, layers[0].digest.slice("sha256:".length)));
    expect(layer.readUInt32LE(0)).toBe(ZSTD_MAGIC);
  });

  test("an index is copied with all of its images to another repository, under the same digest", async () => {
    await repository("skopeo/source");
    await repository("skopeo/copy");
    const { index, children } = await pushIndex("skopeo/source");
    await skopeo(
      "copy",
      "--all",
      ...from(),
      ...to(),
      remote("skopeo/source:2.0.0"),
      remote("skopeo/copy:2.0.0"),
    );
    expect(await describeTag("skopeo/copy", "2.0.0")).toMatchObject({ imageDigest: index.digest });
    const { imageIds } = await session.ecr("list-images", "--repository-name", "skopeo/copy");
    expect(new Set((imageIds as { imageDigest: string }[]).map((id) => id.imageDigest))).toEqual(
      new Set([index, ...children].map(({ digest }) => digest)),
    );
  });

  test("it lists the tags, inspects an image, and deletes one: what it shared with others stays", async () => {
    await repository("skopeo/tags");
    for (const tag of ["a", "b"]) await push(`skopeo/tags:${tag}`);
    await push("skopeo/tags:docker", "--format", "v2s2");
    const inspected = JSON.parse(await skopeo("inspect", ...here(), remote("skopeo/tags:docker")));
    expect(inspected).toMatchObject({ Architecture: "amd64", Os: "linux", RepoTags: ["a", "b", "docker"] });
    await skopeo("delete", ...here(), remote("skopeo/tags:docker"));
    expect(await tags("skopeo/tags")).toEqual(["a", "b"]);
    const back = join(session.directory, "after-delete");
    await skopeo("copy", ...from(), remote("skopeo/tags:a"), `oci:${back}:a`);
  });

  test("an image of an index is not deleted before the index", async () => {
    await repository("skopeo/index");
    const { children } = await pushIndex("skopeo/index");
    const child = remote(`skopeo/index@${children[0]?.digest}`);
    await expect(skopeo("delete", ...here(), child)).rejects.toThrow();
    await skopeo("delete", ...here(), remote("skopeo/index:2.0.0"));
    await skopeo("delete", ...here(), child);
    expect(await session.ecr("list-images", "--repository-name", "skopeo/index")).toEqual({
      imageIds: [{ imageDigest: children[1]?.digest }],
    });
  });

  test("a repository is taken out by `sync`, and brought into another one", async () => {
    await repository("sync/app");
    await repository("synced/app");
    for (const tag of ["1", "2"]) await push(`sync/app:${tag}`);
    const directory = join(session.directory, "synced");
    await skopeo(
      "sync",
      "--src",
      "docker",
      "--dest",
      "dir",
      ...from(),
      `${session.host}/sync/app`,
      directory,
    );
    expect(readdirSync(directory).toSorted()).toEqual(["app:1", "app:2"]);
    await skopeo("sync", "--src", "dir", "--dest", "docker", ...to(), directory, `${session.host}/synced`);
    expect(await tags("synced/app")).toEqual(["1", "2"]);
  });
});
