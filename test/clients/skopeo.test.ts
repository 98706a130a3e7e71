import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Embedded } from "../support/embedded.ts";
import { EAST, EUROPE, OTHER, WEST } from "../support/registries.ts";
import type { Registry } from "../support/registry-client.ts";
import { writeOciLayout } from "./oci-layout.ts";
import { run } from "./run-client.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

describe.runIf(haveClients("skopeo", "aws"))("skopeo and the AWS CLI", () => {
  let session: ClientSession;
  let product: Embedded;
  let layout: { readonly directory: string; readonly digest: string };

  beforeAll(async () => {
    session = await ClientSession.start();
    product = session.product;
    layout = await writeOciLayout("tallyman client test\n");
  });
  afterAll(async () => {
    rmSync(layout.directory, { recursive: true, force: true });
    await session.dispose();
  });

  async function copy(registry: Registry, target: string): Promise<void> {
    await succeeds("skopeo", [
      "copy",
      "--dest-tls-verify=false",
      `--dest-creds=${await session.login(registry)}`,
      `oci:${layout.directory}:image`,
      `docker://${session.host}/${target}`,
    ]);
  }

  test.each([EAST, WEST, OTHER])(
    "an image copied to $account/$region is in the inventory, and the registry agrees",
    async (registry) => {
      await session.ecrOf(registry, "create-repository", "--repository-name", "prod/web");
      await copy(registry, "prod/web:1.4.2");
      await copy(registry, "prod/web:latest");
      const recorded = await product.until("both tags are recorded", async () => {
        const answer = await product.api.get("/images", { ...registry, repository: "prod/web" });
        const [image] = (answer.body["items"] ?? []) as Record<string, unknown>[];
        return image !== undefined && JSON.stringify(image["tags"]) === '["1.4.2","latest"]' && image;
      });
      const described = await session.ecrOf(registry, "describe-images", "--repository-name", "prod/web");
      const [detail] = described["imageDetails"] as Record<string, unknown>[];
      expect(recorded).toMatchObject({
        digest: layout.digest,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        size: detail?.["imageSizeInBytes"],
      });
      expect(detail).toMatchObject({
        imageDigest: layout.digest,
        imageManifestMediaType: recorded["mediaType"],
      });
      expect(((detail?.["imageTags"] ?? []) as string[]).toSorted()).toEqual(["1.4.2", "latest"]);
      expect(new Date(String(detail?.["imagePushedAt"])).getTime()).toBe(
        new Date(String(recorded["pushedAt"])).getTime(),
      );
      const violations = await product.until("the violation", async () => {
        const found = await product.api.list("/violations", { ...registry, repository: "prod/web" });
        return found.length > 0 && found;
      });
      expect(violations).toMatchObject([{ tag: "latest", digest: layout.digest }]);
    },
  );

  test("a replicated image is pulled by skopeo at its destination", async () => {
    const rules = { rules: [{ destinations: [{ region: EUROPE.region, registryId: EUROPE.account }] }] };
    await session.ecrOf(
      EAST,
      "put-replication-configuration",
      "--replication-configuration",
      JSON.stringify(rules),
    );
    await session.ecrOf(EAST, "create-repository", "--repository-name", "prod/copied");
    await copy(EAST, "prod/copied:3.0.0");
    await product.until("the replica has arrived", async () => {
      const replicas = await product.api.list("/replicas", { digest: layout.digest });
      return replicas.some((item) => item["repository"] === "prod/copied" && item["state"] === "arrived");
    });
    const inspected = await succeeds("skopeo", [
      "inspect",
      "--tls-verify=false",
      `--creds=${await session.login(EUROPE)}`,
      `docker://${session.host}/prod/copied:3.0.0`,
    ]);
    expect(JSON.parse(inspected)).toMatchObject({ Digest: layout.digest });
  });

  test("the AWS CLI shows ECR's own error words for what is not there", async () => {
    const ran = await session.aws(EAST, "describe-images", "--repository-name", "prod/nowhere");
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(
      "RepositoryNotFoundException) when calling the DescribeImages operation: The repository with name 'prod/nowhere' does not exist in the registry with id '111122223333'",
    );
  });

  test("skopeo is refused with a wrong password", async () => {
    const ran = await run("skopeo", [
      "inspect",
      "--tls-verify=false",
      "--creds=AWS:wrong",
      `docker://${session.host}/prod/web:latest`,
    ]);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(/unauthorized|authentication required|denied|invalid username/i);
  });
});
