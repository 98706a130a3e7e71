import {
  BatchGetRepositoryScanningConfigurationCommand,
  CreateRepositoryCommand,
  DescribeImageScanFindingsCommand,
  type ECRClient,
  GetRegistryScanningConfigurationCommand,
  ImageArchivedException,
  ImageNotFoundException,
  PutImageScanningConfigurationCommand,
  PutRegistryScanningConfigurationCommand,
  RepositoryNotFoundException,
  type ScanFrequency,
  ScanNotFoundException,
  type ScanType,
  StartImageScanCommand,
  UnsupportedImageTypeException,
  UpdateImageStorageClassCommand,
  ValidationException,
} from "@aws-sdk/client-ecr";
import { anImage, anIndex } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, withRegistry } from "./ecr-client.ts";

/** Scan settings round-trip; scans and findings are never made up. */
const registry = withRegistry();
let ecr: ECRClient;

beforeEach(() => {
  ecr = registry.client();
});

const put = (scanType: ScanType, ...rules: [ScanFrequency, ...string[]][]) =>
  ecr.send(
    new PutRegistryScanningConfigurationCommand({
      scanType,
      rules: rules.map(([scanFrequency, ...filters]) => ({
        scanFrequency,
        repositoryFilters: filters.map((filter) => ({ filter, filterType: "WILDCARD" as const })),
      })),
    }),
  );
const get = () => ecr.send(new GetRegistryScanningConfigurationCommand({}));
const create = (repositoryName: string) => ecr.send(new CreateRepositoryCommand({ repositoryName }));
const effective = (...repositoryNames: string[]) =>
  ecr.send(new BatchGetRepositoryScanningConfigurationCommand({ repositoryNames }));

describe("the registry's scanning configuration", () => {
  test("is basic and without rules until it is put", async () => {
    expect(await get()).toMatchObject({
      registryId: ACCOUNT,
      scanningConfiguration: { scanType: "BASIC", rules: [] },
    });
  });

  test("is replaced as a whole, kept over a restart, and of one account and Region", async () => {
    const { registryScanningConfiguration } = await put(
      "ENHANCED",
      ["CONTINUOUS_SCAN", "*"],
      ["SCAN_ON_PUSH", "dev"],
    );
    await registry.server.restart();
    expect((await get()).scanningConfiguration).toEqual(registryScanningConfiguration);
    await ecr.send(new PutRegistryScanningConfigurationCommand({}));
    expect((await get()).scanningConfiguration).toEqual({ scanType: "BASIC", rules: [] });
    await put("ENHANCED", ["CONTINUOUS_SCAN", "*"]);
    for (const elsewhere of [registry.client("444455556666"), registry.client(ACCOUNT, "us-west-2")]) {
      const { scanningConfiguration } = await elsewhere.send(new GetRegistryScanningConfigurationCommand({}));
      expect(scanningConfiguration?.scanType).toBe("BASIC");
    }
  });
});

describe("a repository's scanning configuration", () => {
  /** The published table of filters: which of these names does a filter match? */
  const names = ["prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo"];
  test.each([
    ["prod", names],
    ["*prod", ["prod", "repo-prod"]],
    ["prod*", ["prod", "prod-repo", "prodrepo"]],
    ["*prod*", names],
    ["prod*repo", ["prod-repo", "prodrepo"]],
  ])("filter %s applies to %j", async (filter, matched) => {
    for (const name of names) await create(name);
    await put("BASIC", ["SCAN_ON_PUSH", filter]);
    const { scanningConfigurations = [], failures } = await effective(...names);
    expect(failures).toEqual([]);
    const scanned = scanningConfigurations.filter(({ scanOnPush }) => scanOnPush);
    expect(scanned.map(({ repositoryName }) => repositoryName)).toEqual(matched);
    expect(scanned.every(({ scanFrequency }) => scanFrequency === "SCAN_ON_PUSH")).toBe(true);
    expect(scanned[0]?.appliedScanFilters).toEqual([{ filter, filterType: "WILDCARD" }]);
  });

  test("is manual without a rule, on push by its own setting, continuous where two rules apply", async () => {
    await create("app");
    const only = async () => (await effective("app")).scanningConfigurations?.[0];
    const repositoryArn = `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/app`;
    expect(await only()).toEqual({
      repositoryArn,
      repositoryName: "app",
      scanOnPush: false,
      scanFrequency: "MANUAL",
      appliedScanFilters: [],
    });
    await ecr.send(
      new PutImageScanningConfigurationCommand({
        repositoryName: "app",
        imageScanningConfiguration: { scanOnPush: true },
      }),
    );
    expect(await only()).toMatchObject({ scanOnPush: true, scanFrequency: "SCAN_ON_PUSH" });
    await put("ENHANCED", ["SCAN_ON_PUSH", "other"]);
    expect(await only()).toMatchObject({ scanFrequency: "MANUAL", appliedScanFilters: [] });
    await put("ENHANCED", ["SCAN_ON_PUSH", "*"], ["CONTINUOUS_SCAN", "app", "ap*"]);
    expect(await only()).toMatchObject({
      scanFrequency: "CONTINUOUS_SCAN",
      appliedScanFilters: [{ filter: "app" }, { filter: "ap*" }],
    });
  });

  test.each<[[ScanFrequency, string], [ScanFrequency, string]]>([
    [
      ["MANUAL", "*"],
      ["SCAN_ON_PUSH", "app"],
    ],
    [
      ["SCAN_ON_PUSH", "app"],
      ["MANUAL", "*"],
    ],
  ])("is on push where a rule for it and a manual one apply, in whichever order: %j %j", async (...rules) => {
    await create("app");
    await put("BASIC", ...rules);
    expect((await effective("app")).scanningConfigurations).toMatchObject([
      { scanOnPush: true, scanFrequency: "SCAN_ON_PUSH", appliedScanFilters: [{ filter: "app" }] },
    ]);
  });

  test("is a failure of its own where there is no repository", async () => {
    await create("app");
    const { scanningConfigurations, failures } = await effective("app", "absent");
    expect(scanningConfigurations?.map(({ repositoryName }) => repositoryName)).toEqual(["app"]);
    expect(failures).toEqual([
      {
        repositoryName: "absent",
        failureCode: "REPOSITORY_NOT_FOUND",
        failureReason: `The repository with name 'absent' does not exist in the registry with id '${ACCOUNT}'`,
      },
    ]);
  });
});

describe("a scan", () => {
  const repositoryName = "app";
  const start = (imageId: object) => ecr.send(new StartImageScanCommand({ repositoryName, imageId }));
  const findings = (imageId: object) =>
    ecr.send(new DescribeImageScanFindingsCommand({ repositoryName, imageId }));
  const image = anImage(["scan"]);

  beforeEach(async () => {
    await create(repositoryName);
    await clientOf(registry.server).push(repositoryName, image, "1");
  });

  test("was never made: there are no findings, by tag or by digest, also after one was asked for", async () => {
    await expect(start({ imageTag: "1" })).rejects.toBeInstanceOf(ValidationException);
    const byTag = await findings({ imageTag: "1" }).catch((error: unknown) => error);
    expect(byTag).toBeInstanceOf(ScanNotFoundException);
    expect(byTag).toMatchObject({
      message:
        "Image scan does not exist for the image with '{imageDigest:'null', imageTag:'1'}' in the repository with " +
        `name 'app' in the registry with id '${ACCOUNT}'`,
    });
    await expect(findings({ imageDigest: image.digest })).rejects.toBeInstanceOf(ScanNotFoundException);
  });

  test("is refused for an index and an archived image as ECR refuses it", async () => {
    const client = clientOf(registry.server);
    await client.push(repositoryName, anIndex([image]), "index");
    await expect(start({ imageTag: "index" })).rejects.toBeInstanceOf(UnsupportedImageTypeException);
    await client.push(repositoryName, anImage(["archived"]), "archived");
    const imageId = { imageTag: "archived" };
    await ecr.send(
      new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass: "ARCHIVE" }),
    );
    await expect(start(imageId)).rejects.toBeInstanceOf(ImageArchivedException);
  });

  test("is of an image and a repository that exist", async () => {
    for (const call of [start, findings]) {
      await expect(call({ imageTag: "absent" })).rejects.toBeInstanceOf(ImageNotFoundException);
      await expect(call({})).rejects.toMatchObject({ name: "InvalidParameterException" });
    }
    const elsewhere = { repositoryName: "absent", imageId: { imageTag: "1" } };
    await expect(ecr.send(new StartImageScanCommand(elsewhere))).rejects.toBeInstanceOf(
      RepositoryNotFoundException,
    );
    await expect(ecr.send(new DescribeImageScanFindingsCommand(elsewhere))).rejects.toBeInstanceOf(
      RepositoryNotFoundException,
    );
  });
});
