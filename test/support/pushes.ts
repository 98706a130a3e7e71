import { GetQueueUrlCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { anImageEvent } from "../builders/ecr-event.ts";
import type { Embedded } from "./embedded.ts";
import { createRepository, EAST, OTHER, replicate } from "./registries.ts";
import { credentialsOf, RegistryClient } from "./registry-client.ts";

/** Ways to push in the hub's registry, each of which costs something else. */
export type Pushes = {
  /** A repository that nothing was pushed to yet. */
  readonly create: (repository: string) => Promise<void>;
  /** An image; the same `content` is the same digest. */
  readonly push: (repository: string, tag: string | undefined, content: string) => Promise<string>;
  /** An index of images that are there already; the same contents are the same digest. */
  readonly pushIndex: (repository: string, tag: string, contents: readonly string[]) => Promise<string>;
  /**
   * From now on, what is pushed below `prefix` should be copied to another account, which has not allowed it: the copy is
   * expected and its arrival, an event with costs of its own, never comes.
   */
  readonly copied: (prefix: string) => Promise<void>;
  /** Events of pushes (ten at most), put into the function's queue by hand and at once: as often as one likes. */
  readonly deliver: (...events: readonly PushEvent[]) => Promise<void>;
};

export type PushEvent = {
  readonly id: string;
  readonly repository: string;
  readonly digest: string;
  readonly tag: string;
};

const QUEUE = "ImageActionQueue";

export async function startPushes(product: Embedded): Promise<Pushes> {
  const client = await RegistryClient.login(product.url, EAST);
  return {
    create: (repository) => createRepository(product.url, EAST, repository),
    push: async (repository, tag, content) => (await client.pushImage(repository, tag, content)).digest,
    async pushIndex(repository, tag, contents) {
      const children = [];
      for (const content of contents) children.push(await client.pushImage(repository, undefined, content));
      return (await client.pushIndex(repository, tag, children)).digest;
    },
    copied: (prefix) => replicate(product.url, { source: EAST, destination: OTHER, prefix }),
    async deliver(...events) {
      const { account, region } = EAST;
      const sqs = new SQSClient({ endpoint: product.url, region, credentials: credentialsOf(account) });
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: QUEUE }));
      const Entries = events.map((event, at) => ({
        Id: `${at}`,
        MessageBody: JSON.stringify(anImageEvent("PUSH", { registry: EAST, ...event })),
      }));
      const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed?.length) throw new Error(`not sent: ${JSON.stringify(Failed)}`);
      sqs.destroy();
    },
  };
}
