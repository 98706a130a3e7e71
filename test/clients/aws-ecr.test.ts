import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EAST, WEST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

type Images = readonly Readonly<Record<string, unknown>>[];

describe.runIf(haveClients("aws", "curl"))("aws ecr", () => {
  let session: ClientSession;
  let client: RegistryClient;

  beforeAll(async () => {
    session = await ClientSession.start();
    client = await RegistryClient.login(session.product.url, EAST);
  });
  afterAll(() => session.dispose());

  /** Runs an operation on one repository. */
  const on =
    (repository: string) =>
    (operation: string, ...args: readonly string[]) =>
      session.ecr(operation, "--repository-name", repository, ...args);
  /** Writes a document for `file://` or `fileb://`, as the CLI's manual shows. */
  function file(name: string, content: string | Uint8Array): string {
    const path = join(session.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }
  const json = (value: unknown) => JSON.stringify(value);

  test("an image gets another tag by its own manifest, as AWS's manual says", async () => {
    const ecr = on("aws/retag");
    await ecr("create-repository", "--image-tag-mutability", "MUTABLE");
    const pushed = await client.pushImage("aws/retag", "1.0.0", "retag");
    const got = await ecr("batch-get-image", "--image-ids", "imageTag=1.0.0");
    const [image] = got["images"] as Images;
    const manifest = file("manifest.json", String(image?.["imageManifest"]));
    const put = await ecr(
      "put-image",
      "--image-tag",
      "stable",
      "--image-manifest-media-type",
      String(image?.["imageManifestMediaType"]),
      "--image-manifest",
      `file://${manifest}`,
    );
    expect(put["image"]).toMatchObject({ imageId: { imageDigest: pushed.digest, imageTag: "stable" } });
    const again = await session.aws(
      EAST,
      ...["put-image", "--repository-name", "aws/retag", "--image-tag", "stable"],
      ...["--image-manifest", `file://${manifest}`],
    );
    expect(again.stderr).toContain("ImageAlreadyExistsException");

    const deleted = await ecr("batch-delete-image", "--image-ids", "imageTag=1.0.0", "imageTag=missing");
    expect(deleted).toMatchObject({
      imageIds: [{ imageTag: "1.0.0" }],
      failures: [{ failureCode: "ImageNotFound", imageId: { imageTag: "missing" } }],
    });
    const { imageIds } = await ecr("list-images");
    expect(imageIds).toEqual([{ imageDigest: pushed.digest, imageTag: "stable" }]);
  });

  test("it pages through images as it is told, and through all of them by itself", async () => {
    const ecr = on("aws/pages");
    await ecr("create-repository");
    for (let n = 0; n < 5; n++) await client.pushImage("aws/pages", `v${n}`, `page ${n}`);
    const all = await ecr("describe-images", "--page-size", "2");
    expect(all["imageDetails"]).toHaveLength(5);
    const first = await ecr("describe-images", "--max-items", "3", "--page-size", "2");
    expect(first["imageDetails"]).toHaveLength(3);
    const rest = await ecr("describe-images", "--starting-token", String(first["NextToken"]));
    const digests = [...(first["imageDetails"] as Images), ...(rest["imageDetails"] as Images)];
    expect(new Set(digests.map((image) => image["imageDigest"])).size).toBe(5);
  });

  test("a layer goes up in parts and comes down from its URL, without any credentials", async () => {
    const ecr = on("aws/layers");
    await ecr("create-repository");
    const layer = randomBytes(5 * 1024 * 1024 + 1000);
    const digest = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
    const { uploadId, partSize } = await ecr("initiate-layer-upload");
    expect(partSize).toBeGreaterThanOrEqual(5 * 1024 * 1024);
    const cut = 5 * 1024 * 1024;
    const parts = [layer.subarray(0, cut), layer.subarray(cut)];
    let at = 0;
    for (const [index, part] of parts.entries()) {
      const uploaded = await ecr(
        "upload-layer-part",
        ...["--upload-id", String(uploadId), "--part-first-byte", String(at)],
        ...["--part-last-byte", String(at + part.length - 1)],
        ...["--layer-part-blob", `fileb://${file(`part-${index}`, part)}`],
      );
      at += part.length;
      expect(uploaded["lastByteReceived"]).toBe(at - 1);
    }
    const completed = await ecr(
      "complete-layer-upload",
      ...["--upload-id", String(uploadId), "--layer-digests", digest],
    );
    expect(completed["layerDigest"]).toBe(digest);
    const found = await ecr("batch-check-layer-availability", "--layer-digests", digest);
    expect(found["layers"]).toMatchObject([{ layerAvailability: "AVAILABLE", layerSize: layer.length }]);

    const config = await client.pushBlob("aws/layers", Buffer.from("{}"));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    await client.pushManifest("aws/layers", "1", {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config, size: 2 },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: layer.length }],
    });
    const { downloadUrl } = await ecr("get-download-url-for-layer", "--layer-digest", digest);
    const target = join(session.directory, "downloaded");
    await succeeds("curl", ["--fail", "--silent", "--show-error", "--output", target, String(downloadUrl)]);
    expect(readFileSync(target).equals(layer)).toBe(true);
  });

  test("a lifecycle policy is previewed, set, shown and taken away", async () => {
    const ecr = on("aws/lifecycle");
    await ecr("create-repository");
    for (const tag of ["1", "2", "3"]) await client.pushImage("aws/lifecycle", tag, `lifecycle ${tag}`);
    const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 };
    const policy = json({ rules: [{ rulePriority: 1, selection, action: { type: "expire" } }] });
    const text = ["--lifecycle-policy-text", `file://${file("lifecycle.json", policy)}`];
    await ecr("start-lifecycle-policy-preview", ...text);
    await session.product.until("the preview is there", async () => {
      const { status } = await ecr("get-lifecycle-policy-preview");
      return status === "COMPLETE";
    });
    const preview = await ecr("get-lifecycle-policy-preview");
    expect(preview).toMatchObject({ summary: { expiringImageTotalCount: 2 } });
    await ecr("put-lifecycle-policy", ...text);
    const shown = await ecr("get-lifecycle-policy");
    expect(JSON.parse(String(shown["lifecyclePolicyText"]))).toEqual(JSON.parse(policy));
    await ecr("delete-lifecycle-policy");
    const gone = await session.aws(EAST, "get-lifecycle-policy", "--repository-name", "aws/lifecycle");
    expect(gone.stderr).toContain("LifecyclePolicyNotFoundException");
  });

  test("settings of a repository are set and shown: policy, mutability, scanning, tags", async () => {
    const ecr = on("aws/settings");
    const created = await ecr("create-repository", "--tags", "Key=team,Value=web");
    const arn = String((created["repository"] as Record<string, unknown>)["repositoryArn"]);
    const Statement = [
      {
        Sid: "Pull",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::444455556666:root" },
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      },
    ];
    const policy = json({ Version: "2012-10-17", Statement });
    await ecr("set-repository-policy", "--policy-text", policy);
    const { policyText } = await ecr("get-repository-policy");
    expect(JSON.parse(String(policyText))).toEqual(JSON.parse(policy));
    await ecr("put-image-tag-mutability", "--image-tag-mutability", "IMMUTABLE");
    await ecr("put-image-scanning-configuration", "--image-scanning-configuration", "scanOnPush=true");
    const described = await session.ecr("describe-repositories", "--repository-names", "aws/settings");
    expect(described["repositories"]).toMatchObject([
      { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } },
    ]);
    await session.ecr("tag-resource", "--resource-arn", arn, "--tags", "Key=cost,Value=42");
    await session.ecr("untag-resource", "--resource-arn", arn, "--tag-keys", "team");
    const { tags } = await session.ecr("list-tags-for-resource", "--resource-arn", arn);
    expect(tags).toEqual([{ Key: "cost", Value: "42" }]);
    await client.pushImage("aws/settings", "1.0.0", "first");
    await expect(client.pushImage("aws/settings", "1.0.0", "second")).rejects.toThrow("400");
    const refused = await session.aws(EAST, "delete-repository", "--repository-name", "aws/settings");
    expect(refused.stderr).toContain("RepositoryNotEmptyException");
    await ecr("delete-repository", "--force");
  });

  test("settings of a registry are set and shown: replication, policy, scanning", async () => {
    const destinations = [{ region: "eu-central-1", registryId: "111122223333" }];
    const ecr = (...args: readonly string[]) => session.ecrOf(WEST, ...args);
    const replication = json({ rules: [{ destinations }] });
    await ecr("put-replication-configuration", "--replication-configuration", replication);
    const { replicationConfiguration, registryId } = await ecr("describe-registry");
    expect(replicationConfiguration).toMatchObject({ rules: [{ destinations }] });
    expect(registryId).toBe("111122223333");
    const Statement = [
      {
        Sid: "Replicate",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::444455556666:root" },
        Action: ["ecr:ReplicateImage"],
        Resource: "arn:aws:ecr:us-west-2:111122223333:repository/*",
      },
    ];
    await ecr("put-registry-policy", "--policy-text", json({ Version: "2012-10-17", Statement }));
    const { policyText } = await ecr("get-registry-policy");
    expect(JSON.parse(String(policyText)).Statement).toEqual(Statement);
    await ecr("delete-registry-policy");
    await ecr("put-registry-scanning-configuration", "--scan-type", "BASIC");
    const scanning = await ecr("get-registry-scanning-configuration");
    expect(scanning["scanningConfiguration"]).toMatchObject({ scanType: "BASIC" });
  });

  test("pull-through cache rules are kept, listed and deleted", async () => {
    const rule = ["--ecr-repository-prefix", "public"];
    await session.ecr("create-pull-through-cache-rule", ...rule, "--upstream-registry-url", "public.ecr.aws");
    const { pullThroughCacheRules } = await session.ecr("describe-pull-through-cache-rules");
    expect(pullThroughCacheRules).toMatchObject([
      { ecrRepositoryPrefix: "public", upstreamRegistryUrl: "public.ecr.aws" },
    ]);
    await session.ecr("delete-pull-through-cache-rule", ...rule);
    expect(await session.ecr("describe-pull-through-cache-rules")).toEqual({ pullThroughCacheRules: [] });
  });

  test("what would have to be invented is answered as not there", async () => {
    const ecr = on("aws/scans");
    await ecr("create-repository");
    await client.pushImage("aws/scans", "1", "scans");
    const findings = await session.aws(
      EAST,
      ...["describe-image-scan-findings", "--repository-name", "aws/scans", "--image-id", "imageTag=1"],
    );
    expect(findings.stderr).toContain("ScanNotFoundException");
  });
});
