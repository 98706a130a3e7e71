import { randomUUID } from "node:crypto";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { EAST } from "../registries.ts";
import { credentialsOf } from "../registry-client.ts";

/** A queue of the hub, as its administrator uses it. */
async function withQueue<T>(
  url: string,
  name: string,
  use: (sqs: SQSClient, queueUrl: string) => Promise<T>,
): Promise<T> {
  const sqs = new SQSClient({ endpoint: url, region: EAST.region, credentials: credentialsOf(EAST.account) });
  try {
    return await use(sqs, new URL(`/${EAST.account}/${name}`, url).href);
  } finally {
    sqs.destroy();
  }
}

export async function sendTo(url: string, name: string, body: object): Promise<void> {
  const fifo = name.endsWith(".fifo")
    ? { MessageGroupId: "trial", MessageDeduplicationId: randomUUID() }
    : {};
  await withQueue(url, name, (sqs, QueueUrl) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body), ...fifo })),
  );
}

/** Receives the queue's first message without finishing it, until the queue has given it up. */
export async function exhaust(url: string, name: string): Promise<void> {
  await withQueue(url, name, async (sqs, QueueUrl) => {
    for (let receives = 0; receives < 20; receives++) {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
      if (Messages === undefined || Messages.length === 0) return;
    }
    throw new Error(`${name} gives no message up`);
  });
}
