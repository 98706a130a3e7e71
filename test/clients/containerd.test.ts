import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EAST } from "../support/registries.ts";
import { OCI_INDEX, RegistryClient } from "../support/registry-client.ts";
import { DockerDaemon } from "./docker-daemon.ts";
import { writeOciLayout } from "./oci-layout.ts";
import { run } from "./run-client.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

const daemon = haveClients("dockerd", "ctr", "aws", "skopeo") ? await DockerDaemon.start() : undefined;

/** The containerd that docker's daemon brings up, by its own client: what Kubernetes pulls with. */
describe.runIf(daemon !== undefined)("containerd", () => {
  let session: ClientSession;
  let registry: readonly string[];

  beforeAll(async () => {
    session = await ClientSession.start();
    registry = ["--plain-http", "--user", await session.login()];
  });
  afterAll(async () => {
    await daemon?.dispose();
    await session.dispose();
  });

  const inNamespace = (...args: readonly string[]) => [
    ...["--address", daemon?.containerd ?? "", "--namespace", "tallyman"],
    ...args,
  ];
  const ctr = (...args: readonly string[]) => succeeds("ctr", inNamespace(...args));
  const pull = (...args: readonly string[]) =>
    inNamespace("images", "pull", ...registry, "--snapshotter", "native", ...args);
  const remote = (reference: string) => `${session.host}/${reference}`;
  async function repository(name: string): Promise<RegistryClient> {
    await session.ecr("create-repository", "--repository-name", name);
    return RegistryClient.login(session.product.url, EAST);
  }

  test("an image is pulled and unpacked by tag, and pushed to another repository under the same digest", async () => {
    await repository("containerd/app");
    await repository("containerd/copy");
    const layout = await writeOciLayout("containerd\n");
    const to = ["--dest-tls-verify=false", `--dest-creds=${await session.login()}`];
    const target = `docker://${remote("containerd/app:1")}`;
    await succeeds("skopeo", ["copy", ...to, `oci:${layout.directory}:image`, target]);
    await succeeds("ctr", pull(remote("containerd/app:1")));
    const copy = remote("containerd/copy:2");
    await ctr("images", "tag", remote("containerd/app:1"), copy);
    await ctr("images", "push", ...registry, copy);
    const { imageDetails } = await session.ecr("describe-images", "--repository-name", "containerd/copy");
    expect(imageDetails).toMatchObject([{ imageDigest: layout.digest, imageTags: ["2"] }]);
  });

  test("an index is fetched with the images of all its platforms, and pushed: images first, then the index", async () => {
    const client = await repository("containerd/index");
    await repository("containerd/indexes");
    const children = [
      await client.pushImage("containerd/index", undefined, "amd64"),
      await client.pushImage("containerd/index", undefined, "arm64"),
    ];
    const index = await client.pushIndex("containerd/index", "1", children);
    await ctr("content", "fetch", "--all-platforms", ...registry, remote("containerd/index:1"));
    await ctr("images", "tag", remote("containerd/index:1"), remote("containerd/indexes:1"));
    await ctr("images", "push", ...registry, remote("containerd/indexes:1"));
    const { imageDetails } = await session.ecr("describe-images", "--repository-name", "containerd/indexes");
    const pushed = imageDetails as { imageDigest: string; imageManifestMediaType: string }[];
    expect(new Set(pushed.map((image) => image.imageDigest))).toEqual(
      new Set([index, ...children].map(({ digest }) => digest)),
    );
    const tagged = pushed.find((image) => image.imageDigest === index.digest);
    expect(tagged?.imageManifestMediaType).toBe(OCI_INDEX);
  });

  test("what is not there is not found, and a wrong password is no password", async () => {
    const missing = await run("ctr", pull(remote("containerd/app:missing")));
    expect(missing.stderr).toContain("not found");
    const wrong = ["--plain-http", "--user", "AWS:wrong"];
    const refused = await run("ctr", inNamespace("images", "pull", ...wrong, remote("containerd/app:1")));
    expect(refused.stderr).toMatch(/401|unauthorized|authorization failed/i);
  });
});
