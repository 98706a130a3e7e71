import type { QueueSet } from "../queues/queue-set.ts";
import { TopologyError } from "../topology/topology-error.ts";
import type { Mapping } from "./mapping.ts";
import { Poller, type PollerDependencies } from "./poller.ts";

export type EventSourceMappings = {
  /** Starts polling. */
  start(): void;
  /** Batches that are with functions now. */
  busy(): number;
  permissionsChanged(): void;
  stop(): Promise<void>;
};

/**
 * Creates every mapping; throws a TopologyError for what Lambda refuses: a role that may not receive, delete and read
 * the queue's attributes, a queue that hides messages for less time than the function may take.
 */
export function createMappings(
  mappings: readonly Mapping[],
  deps: PollerDependencies & {
    readonly queues: QueueSet;
    readonly timeoutOf: (functionArn: string) => number | undefined;
  },
): EventSourceMappings {
  const problems: string[] = [];
  const pollers = mappings.flatMap((mapping) => {
    const queue = deps.queues.find(mapping.queueArn);
    const poller = queue && new Poller(mapping, queue, deps);
    const found = queue
      ? problemsOf(mapping, queue.settings.visibilityTimeout, deps)
      : ["its queue does not exist"];
    problems.push(
      ...[...found, ...(poller?.problems() ?? [])].map((problem) => `mapping ${mapping.name}: ${problem}`),
    );
    return poller ? [poller] : [];
  });
  if (problems.length > 0) throw new TopologyError(problems);
  return {
    start() {
      for (const poller of pollers) poller.start();
    },
    busy: () => pollers.reduce((sum, poller) => sum + poller.busy(), 0),
    permissionsChanged() {
      for (const poller of pollers) poller.permissionsChanged();
    },
    async stop() {
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}

function problemsOf(
  { functionArn }: Mapping,
  visibilityTimeout: number,
  deps: { readonly timeoutOf: (functionArn: string) => number | undefined },
): string[] {
  const timeout = deps.timeoutOf(functionArn);
  if (timeout === undefined) return [`the function ${functionArn} does not exist`];
  if (visibilityTimeout >= timeout) return [];
  return [
    `queue visibility timeout: ${visibilityTimeout} seconds is less than function timeout: ${timeout} seconds`,
  ];
}
