import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, run } from "./run-client.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

/** Needs root: without it, podman wants a user namespace, which a container without privileges does not give. */
const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn("podman's tests are skipped: they need root");

describe.runIf(asRoot && haveClients("podman", "skopeo", "aws"))("podman", () => {
  let session: ClientSession;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    session = await ClientSession.start();
    env = settingsIn(session);
    const secret = (await session.login()).slice("AWS:".length);
    await podman("login", "--username", "AWS", "--password", secret, session.host);
  });
  afterAll(() => session.dispose());

  const podman = async (...args: readonly string[]) => (await succeeds("podman", args, env)).trim();
  const attempt = (...args: readonly string[]): Promise<Ran> => run("podman", args, env);
  const remote = (reference: string) => `${session.host}/${reference}`;
  const path = (name: string) => join(session.directory, name);
  const repository = (name: string) => session.ecr("create-repository", "--repository-name", name);
  const raw = async (reference: string) => {
    const inspect = ["inspect", "--raw", "--tls-verify=false", `--creds=${await session.login()}`];
    return JSON.parse(await succeeds("skopeo", [...inspect, `docker://${remote(reference)}`]));
  };

  async function build(reference: string, content: string): Promise<void> {
    writeFileSync(path("file"), content);
    writeFileSync(path("Dockerfile"), 'FROM scratch\nCOPY file /file\nCMD ["/file"]\n');
    await podman("build", "--tag", remote(reference), "--file", path("Dockerfile"), session.directory);
  }
  async function push(reference: string, ...options: readonly string[]): Promise<string> {
    await podman("push", "--digestfile", path("digest"), ...options, remote(reference));
    return readFileSync(path("digest"), "utf8").trim();
  }
  async function fileIn(reference: string): Promise<string> {
    const container = await podman("create", remote(reference));
    await podman("cp", `${container}:/file`, path("copied"));
    await podman("rm", container);
    return readFileSync(path("copied"), "utf8");
  }

  test("an image that it built is pushed, and pulled back by tag and by digest with what is in it", async () => {
    await repository("podman/app");
    await build("podman/app:1.0.0", "built\n");
    const digest = await push("podman/app:1.0.0");
    const { imageDetails } = await session.ecr("describe-images", "--repository-name", "podman/app");
    expect(imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ["1.0.0"] }]);
    for (const reference of ["podman/app:1.0.0", `podman/app@${digest}`]) {
      await podman("rmi", "--all", "--force");
      await podman("pull", remote(reference));
      expect(await fileIn(reference)).toBe("built\n");
    }
  });

  test.each([
    ["oci", "application/vnd.oci.image.manifest.v1+json"],
    ["v2s2", "application/vnd.docker.distribution.manifest.v2+json"],
    ["v2s1", undefined],
  ])("an image goes up in the format %s, and comes down with the same file", async (format, mediaType) => {
    const name = `podman/${format}`;
    await repository(name);
    await build(`${name}:1`, `${format}\n`);
    await push(`${name}:1`, "--format", format);
    expect((await raw(`${name}:1`)).mediaType).toBe(mediaType);
    await podman("rmi", "--all", "--force");
    await podman("pull", remote(`${name}:1`));
    expect(await fileIn(`${name}:1`)).toBe(`${format}\n`);
  });

  test("it finds repositories by a part of their name, and lists the tags of one", async () => {
    await repository("podman/found");
    await build("podman/found:1", "found\n");
    await push("podman/found:1");
    const found = await podman("search", "--format", "{{.Name}}", remote("podman/fou"));
    expect(found.split("\n")).toEqual([remote("podman/found")]);
    const listed = await podman("search", "--list-tags", remote("podman/found"));
    expect(listed.split("\n").slice(1)).toEqual([expect.stringMatching(/podman\/found +1$/)]);
  });

  test("an index of two platforms is pushed with its images, and a pull takes its platform's", async () => {
    await repository("podman/index");
    await podman("manifest", "create", "platforms");
    for (const architecture of ["amd64", "arm64"]) {
      await build(`podman/index:${architecture}`, `${architecture}\n`);
      await push(`podman/index:${architecture}`);
      await podman(
        "manifest",
        "add",
        "--arch",
        architecture,
        "platforms",
        remote(`podman/index:${architecture}`),
      );
    }
    await podman("manifest", "push", "--all", "platforms", `docker://${remote("podman/index:1")}`);
    const index = await raw("podman/index:1");
    expect(index.manifests).toMatchObject(
      ["amd64", "arm64"].map((architecture) => ({ platform: { architecture, os: "linux" } })),
    );
    for (const architecture of ["amd64", "arm64"]) {
      await podman("rmi", "--all", "--force");
      await podman("pull", "--arch", architecture, remote("podman/index:1"));
      expect(await fileIn("podman/index:1")).toBe(`${architecture}\n`);
    }
  });

  test("it is refused in ECR's words: an unknown repository, a tag that cannot be moved, and nobody's pull", async () => {
    await session.ecr(
      ...["create-repository", "--repository-name", "podman/fixed", "--image-tag-mutability", "IMMUTABLE"],
    );
    await build("podman/fixed:1", "first\n");
    await push("podman/fixed:1");
    await build("podman/fixed:1", "second\n");
    expect((await attempt("push", remote("podman/fixed:1"))).stderr).toContain(
      "The image tag '1' already exists in the 'podman/fixed' repository",
    );
    await podman("tag", remote("podman/fixed:1"), remote("podman/nowhere:1"));
    expect((await attempt("push", remote("podman/nowhere:1"))).stderr).toContain(
      "The repository with name 'podman/nowhere' does not exist in the registry with id '111122223333'",
    );
    await podman("logout", session.host);
    expect((await attempt("pull", remote("podman/fixed:1"))).stderr).toContain("unauthorized");
  });
});

/** Layers as plain directories, processes in a chroot, and the product's address as one without TLS. */
function settingsIn({ directory, host }: ClientSession): Readonly<Record<string, string>> {
  const at = (name: string) => join(directory, name);
  const storage = (name: string) => JSON.stringify(at(`storage/${name}`));
  writeFileSync(
    at("storage.conf"),
    `[storage]\ndriver = "vfs"\ngraphroot = ${storage("graph")}\nrunroot = ${storage("run")}\n`,
  );
  writeFileSync(at("registries.conf"), `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`);
  return {
    CONTAINERS_STORAGE_CONF: at("storage.conf"),
    CONTAINERS_REGISTRIES_CONF: at("registries.conf"),
    REGISTRY_AUTH_FILE: at("auth.json"),
    BUILDAH_ISOLATION: "chroot",
  };
}
