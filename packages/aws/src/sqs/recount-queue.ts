import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { RecountQueue } from "@tallyman/domain/listing/ports";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { deduplicationId } from "./deduplication-id.ts";

type About = { readonly group: string; readonly window: number };

/**
 * So long all asking for a repository is one message. Shorter than the queue's delay of 60 s by what clocks may differ:
 * whoever asks last in a window has asked before the window's first message becomes visible.
 */
const WINDOW_MS = 45_000;

/**
 * Repositories to count anew: each in a group of its own, once in each window. SQS drops what is asked again, so what this
 * queue has asked already in this window it need not send: a burst of a thousand pushes is one message from each worker.
 */
export function sqsRecountQueue(
  sqs: SQSClient,
  queueUrl: string,
  now: () => number = Date.now,
): RecountQueue {
  let asked = { window: 0, groups: new Map<string, Promise<unknown>>() };

  async function ask({ account, region, repository }: RepositoryRef, heardAt: string, about: About) {
    const { group, window } = about;
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ account, region, repository, heardAt }),
        // A repository's name may be longer than a group's 128 characters, and has characters that no group has.
        MessageGroupId: deduplicationId(group),
        MessageDeduplicationId: deduplicationId(`${group}#${window}`),
      }),
    );
  }

  return {
    async send(repository, heardAt) {
      const group = `${registryName(repository)}/${repository.repository}`;
      const window = Math.floor(now() / WINDOW_MS);
      if (asked.window !== window) asked = { window, groups: new Map() };
      const { groups } = asked;
      const sent = groups.get(group) ?? ask(repository, heardAt, { group, window });
      groups.set(group, sent);
      // Whoever waited for it hears that it failed; who asks next sends it again.
      await sent.catch((error: unknown) => {
        groups.delete(group);
        throw error;
      });
    },
  };
}
