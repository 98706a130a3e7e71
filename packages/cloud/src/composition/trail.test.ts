import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  PutLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const repositoryName = "team/app";
const READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
const CALLS = "AWS API Call via CloudTrail";
const SERVICE = "AWS Service Event via CloudTrail";

/** The record, of which these tests look at a few members. */
type Heard = {
  readonly "detail-type": string;
  readonly region: string;
  readonly detail: Record<string, unknown>;
};

describe("what CloudTrail tells of ECR, in the embedded cloud", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "trail-"));
  let cloud: Cloud;
  let ecr: ECRClient;

  /** The small stacks, whose rules carry what matches into the queue Work. */
  async function start(
    pattern: Record<string, string[] | Record<string, string[]>>,
    state: string,
    serviceEventRules: "enabled" | "allManagementEvents" = "enabled",
  ) {
    const stacks = smallStacks();
    for (const { resources } of [stacks.hub, stacks.member])
      for (const rule of Object.values(resources["aws:cloudwatch/eventRule:EventRule"] ?? {})) {
        rule["eventPattern"] = pattern;
        rule["state"] = state;
      }
    const place = {
      dataDirectory,
      bundlesDirectory: dataDirectory,
      port: 0,
      hubRegistry,
      registries: [hubRegistry],
    };
    cloud = await startCloud({ ...stacks, ...place, registry: { switches: { serviceEventRules } } });
    ecr = new ECRClient(client());
  }
  afterEach(async () => {
    ecr.destroy();
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  function client() {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    return { endpoint: cloud.url, region: "us-east-1", maxAttempts: 1, credentials };
  }
  async function heard(): Promise<Heard[]> {
    const sqs = new SQSClient(client());
    const QueueUrl = `${cloud.url}/111122223333/Work`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    sqs.destroy();
    return Messages.map(({ Body }) => JSON.parse(String(Body)));
  }
  async function useRepository() {
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await ecr.send(new DescribeRepositoriesCommand({}));
    await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).rejects.toThrow();
    await ecr.send(new DeleteRepositoryCommand({ repositoryName }));
  }
  const names = (events: readonly Heard[]) => events.map(({ detail }) => detail["eventName"]);

  test("reaches an enabled rule when a call changes something", async () => {
    await start({ source: ["aws.ecr"], "detail-type": [CALLS] }, "ENABLED");
    await useRepository();
    const events = await heard();
    expect(names(events)).toEqual(["CreateRepository", "DeleteRepository"]);
    expect(events[0]).toMatchObject({
      "detail-type": CALLS,
      region: "us-east-1",
      resources: [],
      detail: {
        userIdentity: { type: "IAMUser", userName: "test", accountId: "111122223333" },
        sourceIPAddress: "127.0.0.1",
        userAgent: expect.stringContaining("aws-sdk-js"),
        requestParameters: { repositoryName },
        readOnly: false,
      },
    });
  });

  test("reaches a rule that asks for all management events also when a call reads, or fails", async () => {
    await start({ source: ["aws.ecr"], "detail-type": [CALLS] }, READS);
    await useRepository();
    const events = await heard();
    expect(names(events)).toEqual([
      "CreateRepository",
      "DescribeRepositories",
      "GetRepositoryPolicy",
      "DeleteRepository",
    ]);
    expect(events[2]?.detail["errorCode"]).toBe("RepositoryPolicyNotFoundException");
  });

  test("reaches a rule whose pattern says nothing of detail types", async () => {
    await start({ detail: { eventName: ["DeleteRepository"] } }, "ENABLED");
    await useRepository();
    expect(names(await heard())).toEqual(["DeleteRepository"]);
  });

  test("reaches no rule that is disabled or asks for something else", async () => {
    await start({ source: ["aws.ecr"], "detail-type": ["ECR Image Action"] }, READS);
    await useRepository();
    expect(await heard()).toEqual([]);
  });

  test.each([
    ["enabled", "ENABLED", 1],
    ["enabled", READS, 1],
    ["allManagementEvents", "ENABLED", 0],
    ["allManagementEvents", READS, 1],
  ] as const)(
    "of what ECR did by itself, with %s to a rule that is %s, comes to %i",
    async (rules, state, count) => {
      await start({ source: ["aws.ecr"], "detail-type": [SERVICE] }, state, rules);
      await ecr.send(new CreateRepositoryCommand({ repositoryName }));
      const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 10 };
      const lifecyclePolicyText = JSON.stringify({
        rules: [{ rulePriority: 1, selection, action: { type: "expire" } }],
      });
      await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
      const headers = { "content-type": "application/json" };
      await fetch(`${cloud.url}/_embedded/lifecycle`, { method: "POST", headers, body: "{}" });
      expect(names(await heard())).toEqual(Array.from({ length: count }, () => "PolicyExecutionEvent"));
    },
  );
});
