import {
  CreatePullThroughCacheRuleCommand,
  CreateRepositoryCommand,
  ECRClient,
  PutRegistryPolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { ecrConsumersReader } from "@tallyman/aws/ecr/consumers-reader";
import { ecrClients } from "@tallyman/aws/ecr/ecr-clients";
import { HUB, OTHER, type RunningCloud, runningCloud } from "@tallyman/cloud/testing/running-cloud";
import { afterAll, beforeAll, expect, test } from "vitest";
import { embeddedClients } from "../support/embedded-clients.ts";

// Who may pull, as the embedded registry's own settings say.

let cloud: RunningCloud;
beforeAll(async () => {
  cloud = await runningCloud();
});
afterAll(() => cloud.stop());

const pull = (account: string, more: object = {}) => ({
  Sid: "Pull",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  ...more,
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

function reader() {
  const { role, retryMode } = embeddedClients(cloud);
  return ecrConsumersReader(ecrClients(role, retryMode));
}

async function readPolicies() {
  const read = reader();
  const policies: Record<string, readonly string[]> = {};
  let next: string | undefined;
  do {
    const page = await read.readPolicies(HUB, next);
    Object.assign(policies, page.policies);
    next = page.next;
  } while (next !== undefined);
  return policies;
}

test("repositories of several pages are read with their policies, and with the registry's where it speaks of them", async () => {
  const ecr = new ECRClient(cloud.client());
  const names = Array.from({ length: 120 }, (_, i) => `team/app-${String(i).padStart(3, "0")}`);
  for (const repositoryName of names) await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  for (const repositoryName of [names[0], names[119]])
    await ecr.send(
      new SetRepositoryPolicyCommand({
        repositoryName,
        policyText: policy(pull(OTHER.account)),
        force: true,
      }),
    );
  expect(await readPolicies()).toEqual({
    "team/app-000": [OTHER.account],
    "team/app-119": [OTHER.account],
  });
  const Resource = `arn:aws:ecr:${HUB.region}:${HUB.account}:repository/team/app-01*`;
  await ecr.send(new PutRegistryPolicyCommand({ policyText: policy(pull("777788889999", { Resource })) }));
  const policies = await readPolicies();
  expect(Object.keys(policies)).toHaveLength(12);
  expect(policies["team/app-010"]).toEqual(["777788889999"]);
});

test("a pull-through cache rule for another private registry is a way in, one for a public registry is not", async () => {
  const ecr = new ECRClient(cloud.client(OTHER));
  const rule = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, more: object = {}) =>
    ecr.send(new CreatePullThroughCacheRuleCommand({ ecrRepositoryPrefix, upstreamRegistryUrl, ...more }));
  const hub = `${HUB.account}.dkr.ecr.${HUB.region}.amazonaws.com`;
  await rule("public", "public.ecr.aws");
  const customRoleArn = `arn:aws:iam::${OTHER.account}:role/cache`;
  await rule("hub", hub, { customRoleArn });
  await rule("team", hub, { customRoleArn, upstreamRepositoryPrefix: "team" });
  const rules = await reader().readPullThrough(OTHER);
  expect(rules.toSorted((a, b) => a.prefix.localeCompare(b.prefix))).toEqual([
    { upstream: HUB, prefix: "" },
    { upstream: HUB, prefix: "team/" },
  ]);
  expect(await reader().readPullThrough(HUB)).toEqual([]);
});
