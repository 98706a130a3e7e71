import { batchEvent, succeeded } from "@tallyman/cloud/mappings/batch";
import type { Mapping } from "@tallyman/cloud/mappings/mapping";
import type { Message } from "@tallyman/cloud/queues/message";
import type { QueueSet } from "@tallyman/cloud/queues/queue-set";
import type { SQSEvent } from "aws-lambda";
import { aLambdaContext } from "../../builders/sqs-event.ts";
import { type Surroundings, startWorker, type Worker } from "./functions.ts";
import type { Process } from "./gate.ts";

/** The workers of all functions: as Lambda runs them, one batch at a time in each. */
export type Workers = {
  /** Queues with something to receive that nobody was seen to be unable to receive. */
  ready(): readonly Mapping[];
  /** Hands a batch to a worker that is free, if there is something to receive. */
  start(mapping: Mapping, max: number): Promise<void>;
  /** Those that have work. */
  busy(): readonly Worker[];
  kill(process: Process): void;
  /** Time has passed: what could not be received may be now. */
  lookAgain(): void;
  /** Whether its function is one of those that are played. */
  runs(mapping: Mapping): boolean;
  /** Messages that failed so far, and invocations. */
  readonly counts: { invocations: number; failures: number };
};

/** Enough that two can meet at a tag while a third reconciles. */
const AT_ONCE = 3;

export function newWorkers(around: Surroundings, queues: QueueSet, mappings: readonly Mapping[]): Workers {
  const busy = new Set<Worker>();
  const idle: Worker[] = [];
  const counts = { invocations: 0, failures: 0 };
  const dry = new Set<string>();
  let started = 0;
  queues.onChange(() => dry.clear());

  const played = new Set(Object.keys(startWorker("none", around).handlers));
  const runs = ({ functionName }: Mapping) => played.has(functionName);
  const free = () => idle.pop() ?? startWorker(`worker ${++started}`, around);
  const queueOf = ({ queueArn }: Mapping) => {
    const queue = queues.find(queueArn);
    if (!queue) throw new Error(`no queue ${queueArn}`);
    return queue;
  };

  async function invoke(worker: Worker, mapping: Mapping, messages: readonly Message[]): Promise<void> {
    const handler = worker.handlers[mapping.functionName];
    if (!handler) throw new Error(`no function ${mapping.functionName}`);
    const event = batchEvent(mapping, messages) as SQSEvent;
    const payload = await handler(event, aLambdaContext(mapping.functionName)).catch(() => undefined);
    const done = payload === undefined ? [] : succeeded(mapping, messages, { ok: true, payload });
    counts.failures += messages.length - done.length;
    for (const { receipt } of done) queueOf(mapping).delete(receipt ?? "");
    busy.delete(worker);
    around.gate.end(worker.process);
    idle.push(worker);
  }

  return {
    counts,
    runs,
    lookAgain: () => dry.clear(),
    busy: () => [...busy],
    ready: () =>
      busy.size >= AT_ONCE
        ? []
        : mappings.filter((it) => runs(it) && !dry.has(it.queueArn) && queueOf(it).counts().visible > 0),
    async start(mapping, max) {
      const messages = await queueOf(mapping).receive({ max: Math.min(max, mapping.batchSize), wait: 0 });
      if (messages.length === 0) {
        dry.add(mapping.queueArn);
        return;
      }
      const worker = free();
      busy.add(worker);
      around.gate.begin(worker.process);
      counts.invocations += 1;
      void invoke(worker, mapping, messages);
    },
    kill(process) {
      around.gate.kill(process);
      const isIt = (worker: Worker) => worker.process === process;
      for (const worker of [...busy].filter(isIt)) busy.delete(worker);
      // What was left of an earlier batch can still ask for something when its worker has nothing to do.
      if (idle.some(isIt)) idle.splice(idle.findIndex(isIt), 1);
    },
  };
}
