import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OTHER } from "../support/registries.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

/** Needs root: without it, buildah wants a user namespace, which a container without privileges does not give. */
const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn("buildah's tests are skipped: they need root");

describe.runIf(asRoot && haveClients("buildah", "skopeo", "aws"))("buildah", () => {
  let session: ClientSession;
  let env: Readonly<Record<string, string>>;
  let registry: readonly string[];

  beforeAll(async () => {
    session = await ClientSession.start();
    await session.ecr("create-repository", "--repository-name", "buildah/app");
    env = settingsIn(session.directory);
    registry = ["--tls-verify=false", `--creds=${await session.login()}`];
  });
  afterAll(() => session.dispose());

  const buildah = async (...args: readonly string[]) => (await succeeds("buildah", args, env)).trim();
  const remote = (reference: string) => `${session.host}/buildah/app${reference}`;
  const path = (name: string) => join(session.directory, name);

  /** From nothing, with one file; committed under `name`. */
  async function buildFromScratch(name: string, content: string): Promise<void> {
    writeFileSync(path("file"), content);
    const container = await buildah("from", "scratch");
    await buildah("copy", container, path("file"), "/file");
    await buildah("config", "--cmd", "/file", "--label", "made-by=buildah", container);
    await buildah("commit", "--rm", container, name);
  }

  async function push(name: string, reference: string): Promise<string> {
    const digestFile = path("digest");
    await buildah("push", ...registry, "--digestfile", digestFile, name, `docker://${remote(reference)}`);
    return readFileSync(digestFile, "utf8").trim();
  }

  test("an image from scratch is pushed, and pulled back by its digest with what is in it", async () => {
    await buildFromScratch("localhost/scratch:1", "from scratch\n");
    const digest = await push("localhost/scratch:1", ":1.0.0");
    const { imageDetails } = await session.ecr("describe-images", "--repository-name", "buildah/app");
    expect(imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ["1.0.0"] }]);

    await buildah("rmi", "--all", "--force");
    await buildah("pull", ...registry, remote(`@${digest}`));
    const container = await buildah("from", "--pull-never", remote(`@${digest}`));
    const mounted = await buildah("mount", container);
    expect(readFileSync(join(mounted, "file"), "utf8")).toBe("from scratch\n");
    await buildah("rm", container);
  });

  test("an image is built on one that the registry holds, for two platforms, and pushed as one index", async () => {
    await buildFromScratch("localhost/base:1", "base\n");
    await push("localhost/base:1", ":base");
    await buildah("rmi", "--all", "--force");
    mkdirSync(path("context"));
    writeFileSync(path("context/second"), "second\n");
    writeFileSync(path("context/Dockerfile"), `FROM ${remote(":base")}\nCOPY second /second\n`);
    await buildah("manifest", "create", "platforms");
    for (const architecture of ["amd64", "arm64"]) {
      const name = `localhost/app:${architecture}`;
      await buildah("build", ...registry, "--arch", architecture, "--tag", name, path("context"));
      await buildah("manifest", "add", "platforms", name);
    }
    await buildah("manifest", "push", "--all", ...registry, "platforms", `docker://${remote(":2.0.0")}`);

    const raw = await succeeds("skopeo", ["inspect", "--raw", ...registry, `docker://${remote(":2.0.0")}`]);
    const index = JSON.parse(raw);
    expect(index.mediaType).toBe("application/vnd.oci.image.index.v1+json");
    const platforms = index.manifests.map((child: { platform: object }) => child.platform);
    expect(platforms).toMatchObject([{ architecture: "amd64" }, { architecture: "arm64" }]);
    for (const child of index.manifests) {
      const [described] = (await describeImage(`imageDigest=${child.digest}`)) as Record<string, unknown>[];
      expect(described?.["imageTags"]).toBeUndefined();
    }
    const tagged = (await describeImage("imageTag=2.0.0")) as Record<string, unknown>[];
    expect(tagged).toMatchObject([{ imageManifestMediaType: index.mediaType, imageTags: ["2.0.0"] }]);
  });

  test("an index that is pushed before its images is refused in words that say which one is missing", async () => {
    await session.ecrOf(OTHER, "create-repository", "--repository-name", "buildah/app");
    const there = ["--tls-verify=false", `--creds=${await session.login(OTHER)}`];
    await buildFromScratch("localhost/child:1", "child\n");
    await buildah("manifest", "create", "incomplete", "localhost/child:1");
    const pushed = buildah("manifest", "push", ...there, "incomplete", `docker://${remote(":2.0.0")}`);
    await expect(pushed).rejects.toThrow(/manifest.*sha256:[0-9a-f]{64}/i);
  });

  async function describeImage(id: string): Promise<unknown> {
    const found = await session.ecr("describe-images", "--repository-name", "buildah/app", "--image-ids", id);
    return found["imageDetails"];
  }
});

/** Layers as plain directories and processes in a chroot: both work in a container without privileges. */
function settingsIn(directory: string): Readonly<Record<string, string>> {
  const file = join(directory, "storage.conf");
  const at = (name: string) => JSON.stringify(join(directory, "storage", name));
  writeFileSync(file, `[storage]\ndriver = "vfs"\ngraphroot = ${at("graph")}\nrunroot = ${at("run")}\n`);
  return { CONTAINERS_STORAGE_CONF: file, BUILDAH_ISOLATION: "chroot" };
}
