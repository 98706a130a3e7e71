import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Timers } from "../clock/timers.ts";
import { AwsError } from "../http/aws-service.ts";
import type { AssumeServiceRole } from "../identity/service-roles.ts";
import type { FunctionRuntime } from "../lambda/function-runtime.ts";
import type { Message } from "../queues/message.ts";
import type { Queue } from "../queues/queue.ts";
import { batchEvent, succeeded } from "./batch.ts";
import type { Mapping } from "./mapping.ts";

/** What became of one batch. */
export type BatchOutcome = {
  readonly mapping: Mapping;
  readonly messages: number;
  readonly failed: number;
  /** Why the whole batch failed. */
  readonly error?: string | undefined;
};

export type PollerDependencies = {
  readonly runtime: FunctionRuntime;
  readonly timers: Timers;
  readonly authorize: Authorize;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly queuePolicies: (arn: string) => readonly unknown[];
  /** More batches than workers would only wait, their visibility timeout running; messages in the queue fill batches. */
  readonly workersPerFunction: number;
  readonly onBatch?: ((outcome: BatchOutcome) => void) | undefined;
};

/** What Lambda starts with; it scales further. */
const defaultConcurrency = 5;
const neededActions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** Polls one queue for one function, with what the function's role may do at that moment. */
export class Poller {
  readonly mapping: Mapping;
  readonly #queue: Queue;
  readonly #dependencies: PollerDependencies;
  readonly #stopping = new AbortController();
  #loops: readonly Promise<void>[] = [];
  #busy = 0;
  /** Until permissions change, what was found out about them holds; a change also ends the polls that wait. */
  #permissions = new AbortController();
  #allowed: boolean | undefined;

  constructor(mapping: Mapping, queue: Queue, dependencies: PollerDependencies) {
    this.mapping = mapping;
    this.#queue = queue;
    this.#dependencies = dependencies;
  }

  /** Why this mapping may not poll: every action that its role lacks. Each refusal is recorded as a denial. */
  problems(): readonly string[] {
    try {
      const caller = this.#caller();
      return neededActions.flatMap((action) => this.#refusal(caller, action) ?? []);
    } catch (error) {
      if (error instanceof AwsError) return [error.message];
      throw error;
    }
  }

  start(): void {
    const wanted = this.mapping.maximumConcurrency ?? defaultConcurrency;
    const concurrency = Math.min(wanted, this.#dependencies.workersPerFunction);
    this.#loops = Array.from({ length: concurrency }, () => this.#poll());
  }

  /** Batches that are with the function now. */
  busy(): number {
    return this.#busy;
  }

  /** Permissions were changed: asks again whether the mapping may poll. */
  permissionsChanged(): void {
    const before = this.#permissions;
    this.#permissions = new AbortController();
    this.#allowed = undefined;
    before.abort();
  }

  /** Takes no more messages; resolves when the running batches are settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const signal = AbortSignal.any([this.#stopping.signal, this.#permissions.signal]);
      if (this.#mayPoll()) await this.#pollOnce(signal);
      else await aborted(signal);
    }
  }

  #mayPoll(): boolean {
    this.#allowed ??= this.problems().length === 0;
    return this.#allowed;
  }

  async #pollOnce(signal: AbortSignal): Promise<void> {
    const messages = await this.#receive(signal);
    if (messages.length === 0) return;
    this.#busy += 1;
    try {
      await this.#process(messages);
    } finally {
      this.#busy -= 1;
    }
  }

  /** Lambda's own long polls take 20 seconds. With a window, waits for a fuller batch from the first message on. */
  async #receive(signal: AbortSignal): Promise<readonly Message[]> {
    const { batchSize, batchingWindow } = this.mapping;
    const messages = [...(await this.#queue.receive({ max: batchSize, wait: 20, signal }))];
    const { timers } = this.#dependencies;
    const end = timers.elapsed() + batchingWindow * 1000;
    while (messages.length > 0 && messages.length < batchSize && timers.elapsed() < end && !signal.aborted) {
      const wait = (end - timers.elapsed()) / 1000;
      messages.push(...(await this.#queue.receive({ max: batchSize - messages.length, wait, signal })));
    }
    return messages;
  }

  async #process(messages: readonly Message[]): Promise<void> {
    const { runtime, onBatch } = this.#dependencies;
    const result = await runtime.invoke(
      this.mapping.functionArn,
      batchEvent(this.mapping, messages),
      "mapping",
    );
    const done = succeeded(this.mapping, messages, result);
    // Undeleted messages come back by themselves: Lambda leaves the visibility timeout of a failed one as it is.
    if (done.length > 0 && this.#mayPoll())
      for (const message of done) this.#queue.delete(message.receipt ?? "");
    onBatch?.({
      mapping: this.mapping,
      messages: messages.length,
      failed: messages.length - done.length,
      error: result.ok ? undefined : `${result.errorType}: ${result.message}`,
    });
  }

  #caller(): Caller {
    const { roleArn, functionName } = this.mapping;
    return this.#dependencies.assumeServiceRole(roleArn, "lambda.amazonaws.com", {
      sessionName: functionName,
    }).caller;
  }

  #refusal(caller: Caller, action: string): string | undefined {
    const { queueArn } = this.mapping;
    const [, , , , resourceAccount = ""] = queueArn.split(":");
    const resourcePolicies = this.#dependencies.queuePolicies(queueArn);
    const decision = this.#dependencies.authorize({
      caller,
      action,
      resource: queueArn,
      resourceAccount,
      resourcePolicies,
    });
    return decision.allowed ? undefined : decision.message;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
