import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { credentialsOf, type Registry } from "../support/registry-client.ts";
import { writeOciLayout } from "./oci-layout.ts";
import { findClient, type Ran, run } from "./run-client.ts";

const skopeo = findClient("skopeo");
const aws = findClient("awscli", "/usr/bin/aws");

const EAST: Registry = { account: "111122223333", region: "us-east-1" };
const WEST: Registry = { account: "111122223333", region: "us-west-2" };
const EUROPE: Registry = { account: "111122223333", region: "eu-central-1" };
const OTHER: Registry = { account: "444455556666", region: "us-east-1" };

describe.runIf(skopeo !== undefined && aws !== undefined)("skopeo and the AWS CLI", () => {
  let product: Embedded;
  let layout: { readonly directory: string; readonly digest: string };

  beforeAll(async () => {
    product = await Embedded.start();
    layout = await writeOciLayout("tallyman client test\n");
  });
  afterAll(async () => {
    rmSync(layout.directory, { recursive: true, force: true });
    await product.dispose();
  });

  async function awsEcr(registry: Registry, ...args: string[]): Promise<Ran> {
    const keys = credentialsOf(registry.account);
    return run(
      aws ?? "",
      ["--endpoint-url", product.url, "--region", registry.region, "--output", "json", "ecr", ...args],
      {
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      },
    );
  }

  async function awsJson(registry: Registry, ...args: string[]): Promise<Record<string, unknown>> {
    const ran = await awsEcr(registry, ...args);
    if (ran.code !== 0) throw new Error(`aws ecr ${args.join(" ")}: ${ran.stderr}`);
    return JSON.parse(ran.stdout === "" ? "{}" : ran.stdout) as Record<string, unknown>;
  }

  async function copy(registry: Registry, target: string): Promise<void> {
    const password = (await awsEcr(registry, "get-login-password")).stdout.trim();
    const host = new URL(product.url).host;
    const ran = await run(skopeo ?? "", [
      "copy",
      "--dest-tls-verify=false",
      `--dest-creds=AWS:${password}`,
      `oci:${layout.directory}:image`,
      `docker://${host}/${target}`,
    ]);
    if (ran.code !== 0) throw new Error(`skopeo copy: ${ran.stderr}`);
  }

  test.each([EAST, WEST, OTHER])(
    "an image copied to $account/$region is in the inventory, and the registry agrees",
    async (registry) => {
      await awsJson(registry, "create-repository", "--repository-name", "prod/web");
      await copy(registry, "prod/web:1.4.2");
      await copy(registry, "prod/web:latest");
      const recorded = await product.until("both tags are recorded", async () => {
        const answer = await product.api.get("/images", { ...registry, repository: "prod/web" });
        const [image] = (answer.body["items"] ?? []) as Record<string, unknown>[];
        return image !== undefined && JSON.stringify(image["tags"]) === '["1.4.2","latest"]' && image;
      });
      const described = await awsJson(registry, "describe-images", "--repository-name", "prod/web");
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
    await awsJson(
      EAST,
      "put-replication-configuration",
      "--replication-configuration",
      JSON.stringify(rules),
    );
    await awsJson(EAST, "create-repository", "--repository-name", "prod/copied");
    await copy(EAST, "prod/copied:3.0.0");
    await product.until("the replica has arrived", async () => {
      const replicas = await product.api.list("/replicas", { digest: layout.digest });
      return replicas.some((item) => item["repository"] === "prod/copied" && item["state"] === "arrived");
    });
    const password = (await awsEcr(EUROPE, "get-login-password")).stdout.trim();
    const host = new URL(product.url).host;
    const ran = await run(skopeo ?? "", [
      "inspect",
      "--tls-verify=false",
      `--creds=AWS:${password}`,
      `docker://${host}/prod/copied:3.0.0`,
    ]);
    expect(ran.stderr).toBe("");
    expect(JSON.parse(ran.stdout)).toMatchObject({ Digest: layout.digest });
  });

  test("the AWS CLI shows ECR's own error words for what is not there", async () => {
    const ran = await awsEcr(EAST, "describe-images", "--repository-name", "prod/nowhere");
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(
      "RepositoryNotFoundException) when calling the DescribeImages operation: The repository with name 'prod/nowhere' does not exist in the registry with id '111122223333'",
    );
  });

  test("skopeo is refused with a wrong password", async () => {
    const host = new URL(product.url).host;
    const ran = await run(skopeo ?? "", [
      "inspect",
      "--tls-verify=false",
      "--creds=AWS:wrong",
      `docker://${host}/prod/web:latest`,
    ]);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(/unauthorized|authentication required|denied|invalid username/i);
  });
});
