import {
  CreateRepositoryCommand,
  DeleteSigningConfigurationCommand,
  DescribeImageSigningStatusCommand,
  type ECRClient,
  GetAccountSettingCommand,
  GetSigningConfigurationCommand,
  ImageNotFoundException,
  InvalidParameterException,
  PutAccountSettingCommand,
  PutSigningConfigurationCommand,
  RepositoryNotFoundException,
  SigningConfigurationNotFoundException,
} from "@aws-sdk/client-ecr";
import { anImage } from "@tallyman/registry/testing/image-builder";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, withRegistry } from "./ecr-client.ts";

const registry = withRegistry();
let ecr: ECRClient;

beforeEach(() => {
  ecr = registry.client();
});

describe("an account setting", () => {
  const get = (name: string, client = ecr) => client.send(new GetAccountSettingCommand({ name }));

  test.each([
    ["BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE"],
    ["REGISTRY_POLICY_SCOPE", "V2"],
    ["BLOB_MOUNTING", "DISABLED"],
  ])("%s is %s by default, and can be put to that", async (name, value) => {
    expect(await get(name)).toMatchObject({ name, value });
    expect(await ecr.send(new PutAccountSettingCommand({ name, value }))).toMatchObject({ name, value });
  });

  test("is kept over a restart, for one account in one Region", async () => {
    const setting = { name: "BLOB_MOUNTING", value: "ENABLED" };
    await ecr.send(new PutAccountSettingCommand(setting));
    await registry.server.restart();
    expect(await get("BLOB_MOUNTING")).toMatchObject(setting);
    expect((await get("BLOB_MOUNTING", registry.client(ACCOUNT, "us-west-2"))).value).toBe("DISABLED");
    expect((await get("BLOB_MOUNTING", registry.client("444455556666"))).value).toBe("DISABLED");
  });

  test.each([
    ["BASIC_SCAN_TYPE_VERSION", "CLAIR"],
    ["REGISTRY_POLICY_SCOPE", "V1"],
    ["BLOB_MOUNTING", "yes"],
    ["NO_SETTING", "ENABLED"],
  ])("%s takes no %s", async (name, value) => {
    const refused = ecr.send(new PutAccountSettingCommand({ name, value }));
    await expect(refused).rejects.toBeInstanceOf(InvalidParameterException);
  });
});

describe("the signing configuration", () => {
  const signingProfileArn = `arn:aws:signer:us-east-1:${ACCOUNT}:/signing-profiles/release`;
  const signingConfiguration = {
    rules: [
      { signingProfileArn, repositoryFilters: [{ filter: "prod/*", filterType: "WILDCARD_MATCH" as const }] },
      { signingProfileArn: `${signingProfileArn}_2` },
    ],
  };
  const get = () => ecr.send(new GetSigningConfigurationCommand({}));

  test("is put, read after a restart, and deleted", async () => {
    await expect(get()).rejects.toBeInstanceOf(SigningConfigurationNotFoundException);
    const put = await ecr.send(new PutSigningConfigurationCommand({ signingConfiguration }));
    expect(put.signingConfiguration).toEqual(signingConfiguration);
    await registry.server.restart();
    expect(await get()).toMatchObject({ registryId: ACCOUNT, signingConfiguration });
    const deleted = await ecr.send(new DeleteSigningConfigurationCommand({}));
    expect(deleted).toMatchObject({ registryId: ACCOUNT, signingConfiguration });
    const again = ecr.send(new DeleteSigningConfigurationCommand({}));
    await expect(again).rejects.toBeInstanceOf(SigningConfigurationNotFoundException);
  });

  test("is gone when the registry is emptied", async () => {
    await ecr.send(new PutSigningConfigurationCommand({ signingConfiguration }));
    await registry.server.registry.reset();
    await expect(get()).rejects.toBeInstanceOf(SigningConfigurationNotFoundException);
  });

  test("signs nothing here, and says so of an image", async () => {
    const repositoryName = "prod/app";
    await ecr.send(new PutSigningConfigurationCommand({ signingConfiguration }));
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    const image = anImage(["sign"]);
    await clientOf(registry.server).push(repositoryName, image, "1");
    const status = (more: object) =>
      ecr.send(
        new DescribeImageSigningStatusCommand({ repositoryName, imageId: { imageTag: "1" }, ...more }),
      );
    expect(await status({})).toMatchObject({
      registryId: ACCOUNT,
      repositoryName,
      imageId: { imageDigest: image.digest, imageTag: "1" },
      signingStatuses: [],
    });
    await expect(status({ imageId: { imageTag: "2" } })).rejects.toBeInstanceOf(ImageNotFoundException);
    await expect(status({ repositoryName: "absent" })).rejects.toBeInstanceOf(RepositoryNotFoundException);
  });
});
