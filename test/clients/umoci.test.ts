import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClientSession, haveClients, succeeds } from "./session.ts";

describe.runIf(haveClients("umoci", "skopeo", "aws"))("umoci", () => {
  let session: ClientSession;
  let credentials: string;

  beforeAll(async () => {
    session = await ClientSession.start();
    await session.ecr("create-repository", "--repository-name", "umoci/app");
    credentials = await session.login();
  });
  afterAll(() => session.dispose());

  const umoci = (...args: readonly string[]) => succeeds("umoci", args);
  const path = (name: string) => join(session.directory, name);
  const remote = (tag: string) => `docker://${session.host}/umoci/app:${tag}`;

  /** Unpacks, changes one file of the root file system, and packs it as a new layer and a new tag. */
  async function addLayer(layout: string, change: { from: string; to: string; content: string }) {
    const bundle = path(`bundle-${change.to}`);
    await umoci("unpack", "--rootless", "--image", `${layout}:${change.from}`, bundle);
    writeFileSync(join(bundle, "rootfs", "hello"), change.content);
    await umoci("repack", "--image", `${layout}:${change.to}`, bundle);
  }

  test("an image that it built comes back from the registry with every layer, and unpacks to the same files", async () => {
    const built = path("built");
    await umoci("init", "--layout", built);
    await umoci("new", "--image", `${built}:empty`);
    await addLayer(built, { from: "empty", to: "1.0.0", content: "first\n" });
    await addLayer(built, { from: "1.0.0", to: "1.1.0", content: "second\n" });
    await umoci(
      "config",
      "--image",
      `${built}:1.1.0`,
      "--config.cmd",
      "/hello",
      "--config.label",
      "made-by=umoci",
    );
    for (const tag of ["1.0.0", "1.1.0"]) {
      await succeeds("skopeo", [
        "copy",
        "--dest-tls-verify=false",
        `--dest-creds=${credentials}`,
        `oci:${built}:${tag}`,
        remote(tag),
      ]);
    }
    const pulled = path("pulled");
    await succeeds("skopeo", [
      "copy",
      "--src-tls-verify=false",
      `--src-creds=${credentials}`,
      remote("1.1.0"),
      `oci:${pulled}:1.1.0`,
    ]);
    const stat = async (image: string) => JSON.parse(await umoci("stat", "--json", "--image", image));
    const there = await stat(`${pulled}:1.1.0`);
    expect(there).toEqual(await stat(`${built}:1.1.0`));
    const layers = there.history.filter((entry: { empty_layer: boolean }) => !entry.empty_layer);
    expect(layers).toHaveLength(2);

    const bundle = path("bundle-pulled");
    await umoci("unpack", "--rootless", "--image", `${pulled}:1.1.0`, bundle);
    expect(readFileSync(join(bundle, "rootfs", "hello"), "utf8")).toBe("second\n");

    const { imageDetails } = await session.ecr("describe-images", "--repository-name", "umoci/app");
    expect(imageDetails).toHaveLength(2);
    const sizes = (imageDetails as { imageTags: string[]; imageSizeInBytes: number }[]).map(
      ({ imageTags, imageSizeInBytes }) => [imageTags[0], imageSizeInBytes],
    );
    const sum = (entries: { layer: { size: number } | null }[]) =>
      entries.reduce((total, { layer }) => total + (layer?.size ?? 0), 0);
    expect(new Map(sizes as [string, number][]).get("1.1.0")).toBe(sum(layers));
  });
});
