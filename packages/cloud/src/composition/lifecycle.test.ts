import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, ECRClient, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const repositoryName = "team/app";
const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 10 };

describe("lifecycle policies in the embedded cloud", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "lifecycle-"));
  let cloud: Cloud;

  beforeAll(async () => {
    const place = { dataDirectory, bundlesDirectory: dataDirectory, port: 0 };
    cloud = await startCloud({ ...listening(), ...place, hubRegistry, registries: [hubRegistry] });
    const ecr = new ECRClient(client());
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    const rules = [{ rulePriority: 1, selection, action: { type: "expire" } }];
    const lifecyclePolicyText = JSON.stringify({ rules });
    await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    ecr.destroy();
  });
  afterAll(async () => {
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  /** The small stacks, with rules that carry what CloudTrail says of ECR into the queue Work. */
  function listening() {
    const stacks = smallStacks();
    for (const { resources } of [stacks.hub, stacks.member])
      for (const rule of Object.values(resources["aws:cloudwatch/eventRule:EventRule"] ?? {}))
        rule["eventPattern"] = { source: ["aws.ecr"], "detail-type": ["AWS Service Event via CloudTrail"] };
    return stacks;
  }
  function client() {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    return { endpoint: cloud.url, region: "us-east-1", maxAttempts: 1, credentials };
  }
  async function control(path: string, body: object): Promise<{ runs?: unknown[] }> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await (await fetch(`${cloud.url}/_embedded/${path}`, init)).json()) as { runs?: unknown[] };
  }
  /** Names of the CloudTrail records that came since the last look. */
  async function recorded(): Promise<string[]> {
    const sqs = new SQSClient(client());
    const QueueUrl = `${cloud.url}/111122223333/Work`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
    );
    sqs.destroy();
    return Messages.map(({ Body }) => JSON.parse(String(Body)).detail.eventName);
  }

  test("run when the clock says so, once a day", async () => {
    await control("clock", { advance: "PT23H" });
    expect(await recorded()).toEqual([]);
    await control("clock", { advance: "PT1H1M" });
    expect(await recorded()).toEqual(["PolicyExecutionEvent"]);
    await control("clock", { advance: "PT5H" });
    expect(await recorded()).toEqual([]);
  });

  test("run at once when they are told to", async () => {
    const { runs } = await control("lifecycle", {});
    expect(runs).toEqual([
      { ...hubRegistry, repository: repositoryName, acted: [], failed: [], followed: [] },
    ]);
    expect(await recorded()).toEqual(["PolicyExecutionEvent"]);
  });
});
