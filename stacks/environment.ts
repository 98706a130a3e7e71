import type { FunctionFolder } from "./names.ts";
import {
  busArnOf,
  CURSOR_KEY_PARAMETER,
  POLICY_KEY,
  READER_ROLE,
  REGISTRIES_KEY,
  SLACK_TOKEN_PARAMETER,
  WRITER_ROLE,
} from "./names.ts";
import type { Grantable } from "./permissions.ts";

type Environment = Record<string, $util.Input<string>>;

/** What each function reads, and nothing else: every call makes a fresh object (SST writes into it). */
export function environments(things: Grantable): Readonly<Record<FunctionFolder, () => Environment>> {
  const table = { TABLE_NAME: things.table.name };
  const configuration = { BUCKET_NAME: things.bucket.name, POLICY_KEY, REGISTRIES_KEY };
  const notices = { NOTICE_QUEUE_URL: things.queues.notice.queue.url };
  const reader = { READER_ROLE_NAME: READER_ROLE, EXTERNAL_ID: things.deployment.externalId };
  const registryReading = () => ({ ...table, ...configuration, ...notices, ...reader });
  const reconciling = { RECONCILE_QUEUE_URL: things.queues.reconcile.queue.url };
  const collecting = { USAGE_QUEUE_URL: things.queues.usage.queue.url };
  const recording = () => ({
    ...registryReading(),
    RECOUNT_QUEUE_URL: things.queues.recount.queue.url,
  });
  return {
    "image-action": () => ({ ...recording(), ...reconciling }),
    "replication-action": recording,
    "trail-action": () => ({ ...recording(), ...reconciling }),
    "replica-check": registryReading,
    reconcile: () => ({
      ...registryReading(),
      WRITER_ROLE_NAME: WRITER_ROLE,
      HUB_BUS_ARN: busArnOf(things.deployment.hub),
      ...reconciling,
    }),
    recount: () => ({ ...table, BUCKET_NAME: things.bucket.name }),
    due: () => ({ ...table, REPLICA_CHECK_QUEUE_URL: things.queues.replicaCheck.queue.url }),
    "usage-action": () => ({ ...table, ...configuration }),
    "collect-usage": () => ({ ...registryReading(), ...collecting }),
    notify: () => ({
      ...table,
      ...notices,
      SLACK_TOKEN_PARAMETER,
      SLACK_API_URL: "https://slack.com/api/",
    }),
    api: () => ({
      ...table,
      ...configuration,
      ...reconciling,
      ...collecting,
      ...reader,
      CURSOR_KEY_PARAMETER,
      DEAD_LETTER_QUEUES: deadLetterQueues(things),
    }),
  };
}

function deadLetterQueues({ allQueues }: Grantable): $util.Output<string> {
  const queues = allQueues.map(({ name, deadLetters }) => ({
    name: `${name}DeadLetters`,
    url: deadLetters.url,
    arn: deadLetters.arn,
  }));
  return $jsonStringify(queues);
}
