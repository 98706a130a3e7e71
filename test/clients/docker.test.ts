import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutAccountSettingCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EAST } from "../support/registries.ts";
import { ecrClient, RegistryClient } from "../support/registry-client.ts";
import { DockerDaemon } from "./docker-daemon.ts";
import { writeOciLayout } from "./oci-layout.ts";
import type { Ran } from "./run-client.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";

const daemon = haveClients("docker", "dockerd", "aws", "skopeo") ? await DockerDaemon.start() : undefined;

describe.runIf(daemon !== undefined)("docker", () => {
  let session: ClientSession;

  beforeAll(async () => {
    session = await ClientSession.start();
    expect((await login(await password())).stdout).toContain("Login Succeeded");
  });
  afterAll(async () => {
    await daemon?.dispose();
    await session.dispose();
  });

  const remote = (reference: string) => `${session.host}/${reference}`;
  const path = (name: string) => join(session.directory, name);
  const password = async () => (await session.login()).slice("AWS:".length);
  const login = (secret: string) => attempt("login", "--username", "AWS", "--password", secret, session.host);

  async function attempt(...args: readonly string[]): Promise<Ran> {
    if (daemon === undefined) throw new Error("no daemon");
    return daemon.docker(...args);
  }
  async function docker(...args: readonly string[]): Promise<string> {
    const ran = await attempt(...args);
    if (ran.code !== 0) throw new Error(`docker ${args.join(" ")}:\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }
  const repository = (name: string) => session.ecr("create-repository", "--repository-name", name);

  /** From nothing: one layer with one file, and steps that change none. */
  async function build(reference: string, content: string): Promise<void> {
    mkdirSync(path("context"), { recursive: true });
    writeFileSync(path("context/file"), content);
    writeFileSync(path("context/Dockerfile"), 'FROM scratch\nENV a=b\nCOPY file /file\nCMD ["/file"]\n');
    await docker("build", "--quiet", "--tag", remote(reference), path("context"));
  }
  /** What docker says at the end of a push: `<tag>: digest: sha256:<hex> size: <bytes>`. */
  async function push(reference: string): Promise<string> {
    const said = await docker("push", remote(reference));
    return /digest: (sha256:[0-9a-f]{64}) size/.exec(said)?.[1] ?? "";
  }
  async function forgetAll(): Promise<void> {
    const ids = (await docker("images", "--quiet", "--no-trunc")).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await docker("rmi", "--force", ...new Set(ids));
  }
  /** The one file of an image, as a container of it would see it. */
  async function fileIn(reference: string): Promise<string> {
    const container = (await docker("create", remote(reference))).trim();
    await docker("cp", `${container}:/file`, path("copied"));
    await docker("rm", container);
    return readFileSync(path("copied"), "utf8");
  }
  async function describeTag(name: string, tag: string): Promise<Record<string, unknown> | undefined> {
    const ids = `imageTag=${tag}`;
    const found = await session.ecr("describe-images", "--repository-name", name, "--image-ids", ids);
    return (found["imageDetails"] as Record<string, unknown>[])[0];
  }

  test("an image that it built is pushed, and pulled back by tag and by digest with what is in it", async () => {
    await repository("docker/app");
    await build("docker/app:1.0.0", "built\n");
    const imageDigest = await push("docker/app:1.0.0");
    expect(await describeTag("docker/app", "1.0.0")).toMatchObject({
      imageDigest,
      imageManifestMediaType: DOCKER,
      artifactMediaType: "application/vnd.docker.container.image.v1+json",
    });
    for (const reference of ["docker/app:1.0.0", `docker/app@${imageDigest}`]) {
      await forgetAll();
      expect(await docker("pull", remote(reference))).toContain(`Digest: ${imageDigest}`);
      expect(await fileIn(reference)).toBe("built\n");
    }
  });

  test("what it pushes is in the inventory under the digest that it told", async () => {
    await repository("docker/seen");
    await build("docker/seen:2.0.0", "seen\n");
    const digest = await push("docker/seen:2.0.0");
    const recorded = await session.product.until("the image is in the inventory", async () => {
      const [image] = await session.product.api.list("/images", { ...EAST, repository: "docker/seen" });
      return image;
    });
    expect(recorded).toMatchObject({ digest, tags: ["2.0.0"], mediaType: DOCKER });
  });

  test("a second tag brings no layer again, and all tags go and come together", async () => {
    await repository("docker/tags");
    await build("docker/tags:1", "tags\n");
    const digest = await push("docker/tags:1");
    for (const tag of ["2", "3"]) await docker("tag", remote("docker/tags:1"), remote(`docker/tags:${tag}`));
    const said = await docker("push", "--all-tags", remote("docker/tags"));
    expect(said).toContain("Layer already exists");
    expect(said).not.toContain("Pushed");
    await forgetAll();
    await docker("pull", "--all-tags", remote("docker/tags"));
    const known = await docker("images", "--digests", "--format", "{{.Tag}} {{.Digest}}");
    expect(known.trim().split("\n").toSorted()).toEqual(["1", "2", "3"].map((tag) => `${tag} ${digest}`));
  });

  test("an image from an archive is loaded, pushed and pulled", async () => {
    await repository("docker/loaded");
    const layout = await writeOciLayout("loaded\n");
    const archive = `docker-archive:${path("archive.tar")}:${remote("docker/loaded:1")}`;
    await succeeds("skopeo", ["copy", `oci:${layout.directory}:image`, archive]);
    await docker("load", "--input", path("archive.tar"));
    const digest = await push("docker/loaded:1");
    await forgetAll();
    expect(await docker("pull", remote("docker/loaded:1"))).toContain(digest);
  });

  test("a manifest list is put together from what the registry holds, and a pull takes its platform's image", async () => {
    await repository("docker/list");
    const digests = [];
    for (const architecture of ["amd64", "arm64"]) {
      await build(`docker/list:${architecture}`, `${architecture}\n`);
      digests.push(await push(`docker/list:${architecture}`));
    }
    const members = ["amd64", "arm64"].map((architecture) => remote(`docker/list:${architecture}`));
    await docker("manifest", "create", "--insecure", remote("docker/list:1"), ...members);
    for (const [index, architecture] of ["amd64", "arm64"].entries())
      await docker(
        ...["manifest", "annotate", "--os", "linux", "--arch", architecture],
        ...[remote("docker/list:1"), members[index] ?? ""],
      );
    const imageDigest = (await docker("manifest", "push", "--insecure", remote("docker/list:1"))).trim();
    expect(await describeTag("docker/list", "1")).toMatchObject({ imageDigest });
    const shown = JSON.parse(await docker("manifest", "inspect", "--insecure", remote("docker/list:1")));
    expect(shown.manifests.map(({ digest }: { digest: string }) => digest)).toEqual(digests);
    for (const architecture of ["amd64", "arm64"]) {
      await forgetAll();
      await docker("pull", "--platform", `linux/${architecture}`, remote("docker/list:1"));
      expect(await fileIn("docker/list:1")).toBe(`${architecture}\n`);
    }
  });

  test("a tag that cannot be moved is refused in ECR's words, and so is a repository that is not there", async () => {
    await repository("docker/fixed");
    await build("docker/fixed:1", "first\n");
    const imageDigest = await push("docker/fixed:1");
    const fixed = ["--repository-name", "docker/fixed", "--image-tag-mutability", "IMMUTABLE"];
    await session.ecr("put-image-tag-mutability", ...fixed);
    expect(await push("docker/fixed:1")).toBe(imageDigest);
    await build("docker/fixed:1", "second\n");
    expect((await attempt("push", remote("docker/fixed:1"))).stderr).toContain(
      "tag invalid: The image tag '1' already exists in the 'docker/fixed' repository and cannot be overwritten because the repository is immutable.",
    );
    await docker("tag", remote("docker/fixed:1"), remote("docker/nowhere:1"));
    expect((await attempt("push", remote("docker/nowhere:1"))).stderr).toContain(
      "name unknown: The repository with name 'docker/nowhere' does not exist in the registry with id '111122223333'",
    );
    expect((await attempt("pull", remote("docker/fixed:2"))).stderr).toContain("Requested image not found");
  });

  test("a wrong password is refused, and leaves the one that was right", async () => {
    const refused = await login("wrong");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("401 Unauthorized");
    expect((await attempt("pull", remote("docker/fixed:1"))).code).toBe(0);
  });

  test("a layer is mounted from another repository when the account allows it, and uploaded when not", async () => {
    const ecr = ecrClient(session.product.url, EAST);
    for (const name of ["docker/from", "docker/mounted", "docker/copied"]) await repository(name);
    await build("docker/from:1", "mounted\n");
    await push("docker/from:1");
    for (const [value, target, said] of [
      ["DISABLED", "docker/copied:1", "Pushed"],
      ["ENABLED", "docker/mounted:1", "Mounted from docker/"],
    ] as const) {
      await ecr.send(new PutAccountSettingCommand({ name: "BLOB_MOUNTING", value }));
      await docker("tag", remote("docker/from:1"), remote(target));
      expect(await docker("push", remote(target))).toContain(said);
    }
    ecr.destroy();
  });

  test("with the quirks of ECR it pushes, and pulls through the redirect to signed URLs", async () => {
    await session.product.control("POST", "switches", { strictEcr: true });
    await repository("docker/quirks");
    await build("docker/quirks:1", `${"quirks".repeat(1000)}\n`);
    await push("docker/quirks:1");
    await forgetAll();
    await docker("pull", remote("docker/quirks:1"));
    expect(await fileIn("docker/quirks:1")).toHaveLength(6001);
    await session.product.control("POST", "switches", { strictEcr: false });
  });

  test("it takes the image of schema 1 that the registry makes of one that it pushed", async () => {
    await repository("docker/old");
    await build("docker/old:new", "old\n");
    await push("docker/old:new");
    const client = await RegistryClient.login(session.product.url, EAST);
    const made = await client.request("GET", "/v2/docker/old/manifests/new", {
      headers: { accept: SCHEMA1 },
    });
    expect(made.headers.get("content-type")).toBe(SCHEMA1);
    // Docker takes newer forms too, and so would be given one: what was made is put under a tag of its own.
    const kept = await client.request("PUT", "/v2/docker/old/manifests/made", {
      headers: { "content-type": SCHEMA1 },
      body: await made.text(),
    });
    expect(kept.headers.get("docker-content-digest")).toBe(made.headers.get("docker-content-digest"));
    await forgetAll();
    expect(await docker("pull", remote("docker/old:made"))).toContain(
      `Digest: ${made.headers.get("docker-content-digest")}`,
    );
    expect(await fileIn("docker/old:made")).toBe("old\n");
    const [inspected] = JSON.parse(await docker("image", "inspect", remote("docker/old:made")));
    expect(inspected.Config).toMatchObject({ Cmd: ["/file"], Env: expect.arrayContaining(["a=b"]) });
  });
});
