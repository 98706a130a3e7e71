import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ECRClient } from "@aws-sdk/client-ecr";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Cloud, startCloud } from "@tallyman/cloud/start-cloud";
import { smallStacks } from "@tallyman/cloud/testing/small-stacks";
import { credentialsOf, ecrClient, type Registry, RegistryClient } from "./registry-client.ts";

/** An event as it came over EventBridge, whole. */
export type Heard = {
  readonly "detail-type": string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

const HUB = { account: "111122223333", region: "us-east-1" };

/** An embedded cloud in which a rule on every default bus carries all that ECR says, reads too, into one queue. */
export class EventWorld {
  readonly #directory: string;
  readonly #cloud: Cloud;
  readonly #sqs: SQSClient;
  readonly #clients = new Map<string, ECRClient>();
  readonly #heard: Heard[] = [];

  private constructor(directory: string, cloud: Cloud) {
    this.#directory = directory;
    this.#cloud = cloud;
    this.#sqs = new SQSClient({
      endpoint: cloud.url,
      region: HUB.region,
      credentials: credentialsOf(HUB.account),
    });
  }

  static async start(registries: readonly Registry[]): Promise<EventWorld> {
    const directory = mkdtempSync(join(tmpdir(), "events-"));
    const stacks = smallStacks();
    for (const { resources } of [stacks.hub, stacks.member])
      for (const rule of Object.values(resources["aws:cloudwatch/eventRule:EventRule"] ?? {})) {
        rule["eventPattern"] = { source: ["aws.ecr"] };
        rule["state"] = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
      }
    const place = { dataDirectory: directory, bundlesDirectory: directory, port: 0 };
    return new EventWorld(directory, await startCloud({ ...stacks, ...place, hubRegistry: HUB, registries }));
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy();
    this.#sqs.destroy();
    await this.#cloud.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  ecr(registry: Registry): ECRClient {
    const name = `${registry.account}/${registry.region}`;
    const client = this.#clients.get(name) ?? ecrClient(this.#cloud.url, registry);
    this.#clients.set(name, client);
    return client;
  }

  login(registry: Registry): Promise<RegistryClient> {
    return RegistryClient.login(this.#cloud.url, registry);
  }

  async control(path: string, body: object = {}): Promise<void> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${this.#cloud.url}/_embedded/${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  /** All events so far about one repository, oldest first. */
  async heard(repository: string): Promise<readonly Heard[]> {
    const QueueUrl = `${this.#cloud.url}/${HUB.account}/Work`;
    for (;;) {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 43_200,
      });
      const { Messages = [] } = await this.#sqs.send(command);
      if (Messages.length === 0) return this.#heard.filter((event) => repositoryOf(event) === repository);
      this.#heard.push(...Messages.map(({ Body }) => JSON.parse(String(Body))));
    }
  }
}

function repositoryOf({ detail }: Heard): unknown {
  const parameters = detail["requestParameters"] as Record<string, unknown> | null | undefined;
  const service = detail["serviceEventDetails"] as Record<string, unknown> | undefined;
  return detail["repository-name"] ?? parameters?.["repositoryName"] ?? service?.["repositoryName"];
}
