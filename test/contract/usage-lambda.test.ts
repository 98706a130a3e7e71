import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { lambdaUsageCollector } from "@tallyman/aws/lambda/usage-collector";
import { buildImage } from "@tallyman/cloud/demo/image";
import { HUB, OTHER, type RunningCloud, runningCloud } from "@tallyman/cloud/testing/running-cloud";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectAll } from "../support/collecting.ts";
import { embeddedClients } from "../support/embedded-clients.ts";

// What is collected of functions that the embedded Lambda made from images that were pushed.

const REPOSITORY = `${HUB.account}.dkr.ecr.${HUB.region}.amazonaws.com/team/resize`;
const ROLE = `arn:aws:iam::${HUB.account}:role/run`;
let cloud: RunningCloud;
let lambda: LambdaClient;
const digests: Record<string, string> = {};

beforeAll(async () => {
  cloud = await runningCloud();
  lambda = new LambdaClient(cloud.client());
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await new IAMClient(cloud.client()).send(
    new CreateRoleCommand({ RoleName: "run", AssumeRolePolicyDocument }),
  );
  const registry = await cloud.registry();
  await registry.call("CreateRepository", { repositoryName: "team/resize" });
  for (const tag of ["1", "2"]) {
    const image = await buildImage({ files: { "app.txt": tag } });
    digests[tag] = image.manifest.digest;
    await registry.push("team/resize", tag, image);
  }
});
afterAll(() => cloud.stop());

const create = (FunctionName: string, ImageUri: string, Publish = false) =>
  lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: ROLE,
      PackageType: "Image",
      Code: { ImageUri },
      Publish,
    }),
  );

async function collected() {
  const options = embeddedClients(cloud);
  const { items } = await collectAll(() => lambdaUsageCollector(options));
  return items.map(({ service, digest, image }) => `${service} ${image.replace(REPOSITORY, "")} ${digest}`);
}

test("functions use the digests that their versions were made from, wherever the tag is by now", async () => {
  expect(await collected()).toEqual([]);
  await create("resize", `${REPOSITORY}:1`, true);
  const toTwo = { FunctionName: "resize", ImageUri: `${REPOSITORY}:2` };
  await lambda.send(new UpdateFunctionCodeCommand(toTwo));
  await lambda.send(new CreateAliasCommand({ FunctionName: "resize", Name: "live", FunctionVersion: "1" }));
  expect((await collected()).toSorted()).toEqual([
    `function/resize:$LATEST :2 ${digests["2"]}`,
    `function/resize:1 :1 ${digests["1"]}`,
    `function/resize:live :1 ${digests["1"]}`,
  ]);
  const options = embeddedClients(cloud);
  expect((await collectAll(() => lambdaUsageCollector(options), { at: OTHER })).items).toEqual([]);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "resize" }));
  expect(await collected()).toEqual([]);
});

test("more functions than one page holds are all collected", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `many-${i}`);
  for (const name of names) await create(name, `${REPOSITORY}@${digests["1"]}`, true);
  const expected = names.flatMap((name) =>
    ["$LATEST", "1"].map((version) => `function/${name}:${version} @${digests["1"]} ${digests["1"]}`),
  );
  expect((await collected()).toSorted()).toEqual(expected.toSorted());
});
