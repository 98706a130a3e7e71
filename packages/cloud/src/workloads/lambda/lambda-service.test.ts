import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EcrClient } from "../../demo/ecr-client.ts";
import { buildImage, buildIndex } from "../../demo/image.ts";
import { HUB, OTHER, type RunningCloud, runningCloud } from "../../testing/running-cloud.ts";

let cloud: RunningCloud;
let lambda: LambdaClient;
let registry: EcrClient;
let theirs: EcrClient;
let digests: { one: string; two: string };

const uri = (rest: string, at = HUB) => `${at.account}.dkr.ecr.${at.region}.amazonaws.com/${rest}`;
const role = (name: string) => `arn:aws:iam::${HUB.account}:role/${name}`;
const statement = (Action: string | string[], more: object = {}) => ({ Effect: "Allow", Action, ...more });
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const trust = (Principal: object) => policy(statement("sts:AssumeRole", { Principal }));

beforeAll(async () => {
  cloud = await runningCloud();
  registry = await cloud.registry();
  theirs = await cloud.registry(OTHER);
  lambda = new LambdaClient(cloud.client());
  await createRole("run", { Service: "lambda.amazonaws.com" });
  const one = await buildImage({ files: { "app.txt": "one" } });
  const two = await buildImage({ files: { "app.txt": "two" } });
  digests = { one: one.manifest.digest, two: two.manifest.digest };
  for (const client of [registry, theirs]) {
    await client.call("CreateRepository", { repositoryName: "team/app" });
    await client.push("team/app", "1", one);
    await client.push("team/app", "2", two);
    await client.push("team/app", "index", await buildIndex({ "app.txt": "index" }));
  }
});
afterAll(() => cloud.stop());

async function createRole(RoleName: string, principal: object): Promise<void> {
  const AssumeRolePolicyDocument = trust(principal);
  await new IAMClient(cloud.client()).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
}

let count = 0;
let name: string;
beforeEach(() => {
  name = `function-${++count}`;
});

const create = (ImageUri: string, more: Partial<CreateFunctionCommandInput> = {}, client = lambda) =>
  client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: role("run"),
      PackageType: "Image",
      Code: { ImageUri },
      ...more,
    }),
  );
const update = (ImageUri: string, Publish = false) =>
  lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ImageUri, Publish }));
const get = (Qualifier?: string) =>
  lambda.send(new GetFunctionCommand({ FunctionName: name, ...(Qualifier !== undefined && { Qualifier }) }));

describe("a function", () => {
  test("runs the image that its tag pointed at when it was made", async () => {
    const made = await create(uri("team/app:1"), { Tags: { team: "a" }, MemorySize: 256 });
    expect(made).toMatchObject({
      $metadata: { httpStatusCode: 201 },
      FunctionArn: `arn:aws:lambda:us-east-1:${HUB.account}:function:${name}`,
      PackageType: "Image",
      CodeSha256: digests.one.slice(7),
      State: "Active",
      MemorySize: 256,
      Version: "$LATEST",
    });
    await registry.push("team/app", "1", await buildImage({ files: { "app.txt": "moved" } }));
    expect(await get()).toMatchObject({
      Code: {
        RepositoryType: "ECR",
        ImageUri: uri("team/app:1"),
        ResolvedImageUri: uri(`team/app@${digests.one}`),
      },
      Tags: { team: "a" },
    });
    await registry.push("team/app", "1", await buildImage({ files: { "app.txt": "one" } }));
  });

  test("has versions that stay what they were, and aliases that point at them", async () => {
    await create(uri("team/app:1"), { Publish: true });
    await update(uri(`team/app@${digests.two}`), true);
    const again = await lambda.send(new PublishVersionCommand({ FunctionName: name }));
    expect(again.Version).toBe("2");
    await lambda.send(
      new CreateAliasCommand({ FunctionName: name, Name: "live", FunctionVersion: "1", Description: "d" }),
    );
    expect((await get("live")).Code?.ResolvedImageUri).toBe(uri(`team/app@${digests.one}`));
    await lambda.send(
      new UpdateAliasCommand({
        FunctionName: name,
        Name: "live",
        FunctionVersion: "2",
        RoutingConfig: { AdditionalVersionWeights: { "1": 0.1 } },
      }),
    );
    const listed = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name }));
    expect(listed.Versions?.map(({ Version, CodeSha256 }) => [Version, CodeSha256])).toEqual([
      ["$LATEST", digests.two.slice(7)],
      ["1", digests.one.slice(7)],
      ["2", digests.two.slice(7)],
    ]);
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName: name }));
    expect(Aliases).toMatchObject([
      { Name: "live", FunctionVersion: "2", RoutingConfig: { AdditionalVersionWeights: { "1": 0.1 } } },
    ]);
    await expect(
      lambda.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: "1" })),
    ).rejects.toMatchObject({ name: "ResourceConflictException" });
    await lambda.send(new DeleteAliasCommand({ FunctionName: name, Name: "live" }));
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: "1" }));
    await expect(get("1")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await update(uri("team/app:1"));
    const next = await lambda.send(new PublishVersionCommand({ FunctionName: name, Description: "third" }));
    expect(next).toMatchObject({ Version: "3", Description: "third" });
  });

  test("is listed page by page, with all versions where that is asked for", async () => {
    await create(uri("team/app:1"), { Publish: true });
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await lambda.send(
        new ListFunctionsCommand({ FunctionVersion: "ALL", MaxItems: 1, Marker }),
      );
      expect(page.Functions).toHaveLength(1);
      for (const { FunctionArn = "" } of page.Functions ?? []) seen.push(FunctionArn);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    const arn = `arn:aws:lambda:us-east-1:${HUB.account}:function:${name}`;
    expect(seen.filter((one) => one.includes(`:${name}:`))).toEqual([`${arn}:$LATEST`, `${arn}:1`]);
    const elsewhere = new LambdaClient(cloud.client(OTHER));
    expect((await elsewhere.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
  });

  test("can be changed, and is gone when it was deleted", async () => {
    await create(uri("team/app:1"));
    const { RevisionId } = await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: name, Timeout: 30, Description: "x" }),
    );
    const shown = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    expect(shown).toMatchObject({ Timeout: 30, Description: "x", MemorySize: 128, RevisionId });
    await expect(
      lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: name, Timeout: 3, RevisionId: "other" }),
      ),
    ).rejects.toMatchObject({ name: "PreconditionFailedException" });
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    await expect(get()).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: `Function not found: arn:aws:lambda:us-east-1:${HUB.account}:function:${name}`,
    });
  });

  test("is found by its ARN, by part of it, and with a qualifier in it", async () => {
    await create(uri("team/app:1"), { Publish: true });
    const arn = `arn:aws:lambda:us-east-1:${HUB.account}:function:${name}`;
    for (const FunctionName of [
      arn,
      `${arn}:1`,
      `${HUB.account}:function:${name}`,
      `function:${name}:$LATEST`,
    ]) {
      const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }));
      expect(Configuration?.FunctionName).toBe(name);
    }
  });
});

describe("an image is refused as Lambda refuses it:", () => {
  const notValid = (text: string) => `Source image ${text} is not valid. Provide a valid source image.`;
  const notThere = (text: string) => `Source image ${text} does not exist. Provide a valid source image.`;
  test.each([
    ["one of another Region", uri("team/app:1", { ...HUB, region: "eu-central-1" }), notValid],
    ["one by the FIPS endpoint", uri("team/app:1").replace(".ecr.", ".ecr-fips."), notValid],
    ["one without a tag or a digest", uri("team/app"), notValid],
    ["one of Docker Hub", "nginx:latest", notValid],
    ["a tag that is not there", uri("team/app:none"), notThere],
    ["a repository that is not there", uri("team/none:1"), notThere],
    [
      "an index",
      uri("team/app:index"),
      (text: string) =>
        `The image manifest, config or layer media type for the source image ${text} is not supported.`,
    ],
  ])("%s", async (_, imageUri, message) => {
    await expect(create(imageUri)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: message(imageUri),
      $metadata: { httpStatusCode: 400 },
    });
    await expect(get()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test.each([
    ["a chart", { config: "application/vnd.cncf.helm.config.v1+json" }],
    ["a layer in zstd", { layer: "application/vnd.oci.image.layer.v1.tar+zstd" }],
  ])("%s", async (_, types) => {
    const { config, layer } = {
      config: "application/vnd.oci.image.config.v1+json",
      layer: "application/vnd.oci.image.layer.v1.tar+gzip",
      ...types,
    };
    const image = await buildImage({ files: { "app.txt": name } });
    const manifest = JSON.parse(Buffer.from(image.manifest.bytes).toString());
    manifest.config.mediaType = config;
    manifest.layers[0].mediaType = layer;
    const bytes = Buffer.from(JSON.stringify(manifest));
    await registry.push("team/app", "other", { ...image, manifest: { ...image.manifest, bytes } });
    await expect(create(uri("team/app:other"))).rejects.toThrow("media type for the source image");
  });

  test("one that is archived, or deleted, also for a function that ran it", async () => {
    const repositoryName = "team/old";
    await registry.call("CreateRepository", { repositoryName });
    const image = await buildImage({ files: { "app.txt": "old" } });
    await registry.push(repositoryName, "1", image);
    await create(uri("team/old:1"));
    const imageId = { imageDigest: image.manifest.digest };
    await registry.call("UpdateImageStorageClass", {
      ...{ repositoryName, imageId },
      targetStorageClass: "ARCHIVE",
    });
    await expect(update(uri("team/old:1"))).rejects.toThrow("does not exist. Provide a valid source image.");
    await registry.call("BatchDeleteImage", { repositoryName, imageIds: [imageId] });
    await expect(update(uri("team/old:1"))).rejects.toThrow("does not exist. Provide a valid source image.");
    expect((await get()).Code?.ResolvedImageUri).toBe(uri(`team/old@${image.manifest.digest}`));
  });
});

describe("who may have which image:", () => {
  const policyOf = async (client: EcrClient, repositoryName: string) => {
    const { policyText } = (await client.call("GetRepositoryPolicy", { repositoryName })) as {
      policyText: string;
    };
    return JSON.parse(policyText).Statement as readonly { Sid: string }[];
  };
  const deployer = async (RoleName: string, ...statements: object[]) => {
    await createRole(RoleName, { AWS: `arn:aws:iam::${HUB.account}:root` });
    const iam = new IAMClient(cloud.client());
    const PolicyDocument = policy(statement(["lambda:*", "iam:PassRole"], { Resource: "*" }), ...statements);
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "deploy", PolicyDocument }));
    const { Credentials } = await new STSClient(cloud.client()).send(
      new AssumeRoleCommand({ RoleArn: role(RoleName), RoleSessionName: "me" }),
    );
    return new LambdaClient({
      ...cloud.client(),
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      },
    });
  };
  const denied = {
    name: "AccessDeniedException",
    message: "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
    $metadata: { httpStatusCode: 403 },
  };

  test("Lambda lets itself into a repository of the function's account, as far as the caller may", async () => {
    const repositoryName = "team/fresh";
    await registry.call("CreateRepository", { repositoryName });
    await registry.push(repositoryName, "1", await buildImage({ files: { "app.txt": "one" } }));
    const own = statement("ecr:ListImages", { Sid: "own", Principal: "*" });
    await registry.call("SetRepositoryPolicy", { repositoryName, policyText: policy(own) });
    const client = await deployer("deployer");
    await expect(create(uri("team/fresh:1"), {}, client)).rejects.toMatchObject(denied);
    await create(uri("team/fresh:1"));
    expect(await policyOf(registry, repositoryName)).toMatchObject([
      { Sid: "own" },
      { Sid: "LambdaECRImageRetrievalPolicy" },
    ]);
    name = `${name}-again`;
    await create(uri("team/fresh:1"), {}, client);
    expect(await policyOf(registry, repositoryName)).toHaveLength(2);
  });

  test("between accounts the repository's policy names the account and Lambda, and the caller may pull", async () => {
    const repositoryName = "team/app";
    const pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    const image = uri("team/app:1", OTHER);
    const set = (...statements: object[]) =>
      theirs.call("SetRepositoryPolicy", { repositoryName, policyText: policy(...statements) });
    const forAccount = statement(pull, { Principal: { AWS: `arn:aws:iam::${HUB.account}:root` } });
    const forLambda = (functions: string) =>
      statement(pull, {
        Principal: { Service: "lambda.amazonaws.com" },
        Condition: { StringLike: { "aws:sourceArn": functions } },
      });
    const ours = forLambda(`arn:aws:lambda:us-east-1:${HUB.account}:function:*`);

    await expect(create(image)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("not authorized to perform: ecr:BatchGetImage"),
    });
    await set(forAccount);
    await expect(create(image)).rejects.toMatchObject(denied);
    await set(forAccount, forLambda("arn:aws:lambda:us-east-1:999999999999:function:*"));
    await expect(create(image)).rejects.toMatchObject(denied);
    await set(ours);
    await expect(create(image)).rejects.toThrow("not authorized to perform: ecr:BatchGetImage");
    await set(forAccount, ours);
    await expect(create(image, {}, await deployer("elsewhere"))).rejects.toThrow(
      "no identity-based policy allows the ecr:BatchGetImage action",
    );
    expect((await create(image)).CodeSha256).toBe(digests.one.slice(7));
  });

  test("a role is given only by who may pass it, and only one that Lambda may assume", async () => {
    await createRole("other", { Service: "ecs-tasks.amazonaws.com" });
    for (const Role of [role("other"), role("none")])
      await expect(create(uri("team/app:1"), { Role })).rejects.toMatchObject({
        name: "InvalidParameterValueException",
        message: "The role defined for the function cannot be assumed by Lambda.",
      });
    await createRole("swapped", { Service: "lambda.amazonaws.com" });
    const assumeRolePolicy = JSON.parse(trust({ Service: "ec2.amazonaws.com" }));
    await cloud.control("POST", "policy", { role: role("swapped"), assumeRolePolicy });
    await expect(create(uri("team/app:1"), { Role: role("swapped") })).rejects.toThrow("cannot be assumed");
    const client = await deployer("no-pass", {
      Effect: "Deny",
      Action: "iam:PassRole",
      Resource: "*",
      Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
    });
    await expect(create(uri("team/app:1"), {}, client)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(
        `is not authorized to perform: iam:PassRole on resource: ${role("run")}`,
      ),
    });
  });

  test("a caller does what its policies allow, function by function", async () => {
    await create(uri("team/app:1"));
    const reader = await deployer("only-one", {
      Effect: "Deny",
      Action: ["lambda:GetFunction", "lambda:UpdateFunctionCode", "lambda:ListFunctions"],
      Resource: ["*"],
    });
    for (const command of [
      new GetFunctionCommand({ FunctionName: name }),
      new UpdateFunctionCodeCommand({ FunctionName: name, ImageUri: uri("team/app:2") }),
      new ListFunctionsCommand({}),
    ])
      await expect(reader.send(command as GetFunctionCommand)).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining("with an explicit deny in an identity-based policy"),
      });
    expect((await get()).Code?.ImageUri).toBe(uri("team/app:1"));
  });
});

describe("what is wrong is refused, and changes nothing:", () => {
  const invalid = "InvalidParameterValueException";
  test.each([
    ["a bundle", { PackageType: "Zip" as const }, invalid],
    ["an image with a handler", { Handler: "x.y" }, invalid],
    ["no image", { Code: {} }, invalid],
    ["a name with a space", { FunctionName: "a b" }, "ValidationException"],
    ["a timeout of an hour", { Timeout: 3600 }, "ValidationException"],
  ])("%s", async (_, more, error) => {
    await expect(create(uri("team/app:1"), more)).rejects.toMatchObject({ name: error });
  });

  test("a second function of one name, an alias that is there, one that points nowhere", async () => {
    await create(uri("team/app:1"));
    await expect(create(uri("team/app:2"))).rejects.toMatchObject({
      name: "ResourceConflictException",
      message: `Function already exist: ${name}`,
    });
    const alias = (FunctionVersion: string) =>
      lambda.send(new CreateAliasCommand({ FunctionName: name, Name: "live", FunctionVersion }));
    await expect(alias("7")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await alias("$LATEST");
    await expect(alias("$LATEST")).rejects.toMatchObject({ name: "ResourceConflictException" });
    await expect(
      lambda.send(new GetAliasCommand({ FunctionName: name, Name: "none" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

test("functions are there after a restart; a reset forgets them", async () => {
  await create(uri("team/app:1"), { Publish: true });
  const before = await get("1");
  await cloud.restart();
  lambda = new LambdaClient(cloud.client());
  registry = await cloud.registry();
  const { $metadata: _, ...after } = await get("1");
  expect(before).toMatchObject(after);
  await new IAMClient(cloud.client()).send(
    new AttachRolePolicyCommand({
      RoleName: "run",
      PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    }),
  );
  await cloud.control("POST", "reset");
  expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
});
