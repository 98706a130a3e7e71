import { availableParallelism } from "node:os";
import { join } from "node:path";
import { localEnvironment } from "../lambda/environment.ts";
import { type FunctionDefinition, functionDefinition } from "../lambda/function-definition.ts";
import type { FunctionRuntime } from "../lambda/function-runtime.ts";
import type { LogLine } from "../lambda/worker-messages.ts";
import { createWorkerPool, type WorkerPool } from "../lambda/worker-pool.ts";
import { functionLine } from "../live/function-line.ts";
import { createMappings, type EventSourceMappings } from "../mappings/event-source-mappings.ts";
import type { BatchOutcome } from "../mappings/poller.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { mappingsOf } from "../topology/mappings.ts";
import type { Topology } from "../topology/topology.ts";
import { TopologyError } from "../topology/topology-error.ts";
import type { Core } from "./core.ts";
import type { Messaging } from "./messaging.ts";

export type Functions = {
  readonly definitions: readonly FunctionDefinition[];
  readonly pool: WorkerPool;
  /** The pool, with workers dying when faults say so. */
  readonly runtime: FunctionRuntime;
};

export type FunctionsOptions = {
  /** What a function's `bundle` is relative to. */
  readonly bundlesDirectory: string;
  readonly endpoint: () => string;
  /** Every line that a function writes, as it is. */
  readonly onLog?: ((line: LogLine) => void) | undefined;
};

/**
 * Worker threads of one function at most, not what Lambda would start: as many as there are cores, since each loads the
 * bundle and warms it up for itself, and two at least, so that a function runs beside itself on any machine.
 */
const workersPerFunction = Math.min(Math.max(availableParallelism(), 2), 4);

/** Declares every function; its workers start when it is first invoked. */
export function createFunctions(core: Core, metrics: Metrics, options: FunctionsOptions): Functions {
  const { clock, topology, assumeServiceRole, faults } = core;
  const definitions = functionsOf(topology, options.bundlesDirectory);
  const pool = createWorkerPool({
    clock,
    endpoint: options.endpoint,
    credentialsFor: (roleArn) => {
      const sessionName = definitions.find((one) => one.roleArn === roleArn)?.name ?? "function";
      return assumeServiceRole(roleArn, "lambda.amazonaws.com", { sessionName }).credentials;
    },
    maxWorkers: workersPerFunction,
    // Shared by all clouds of this machine: the same bundles need not be compiled for each data directory.
    compileCache: join(options.bundlesDirectory, "node_modules", ".cache", "embedded-cloud"),
    onLog: (log) => {
      options.onLog?.(log);
      metrics.read(log.line);
      const line = functionLine(log.functionName, log.line, clock.now());
      if (line) core.tell(line);
    },
  });
  for (const definition of definitions) pool.declare(definition);
  return { definitions, pool, runtime: withDeaths(pool, (name) => faults.killsWorker(name)) };
}

function functionsOf(topology: Topology, bundlesRoot: string): readonly FunctionDefinition[] {
  const definitions = topology
    .resources("aws:lambda/function:Function")
    .map(({ logicalName, inputs, account, region }) =>
      functionDefinition(logicalName, inputs, { account, region, bundlesRoot }),
    );
  const problems = definitions.flatMap(hostProblem);
  if (problems.length > 0) throw new TopologyError(problems);
  return definitions;
}

/** A value that still names AWS when the local port stands in stops the start, not the first invocation. */
function hostProblem(definition: FunctionDefinition): string[] {
  try {
    localEnvironment(definition, "http://127.0.0.1");
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Kills the worker a moment after it was given the invocation, so that it dies in the middle of it. */
function withDeaths(pool: WorkerPool, dies: (functionName: string) => boolean): FunctionRuntime {
  return {
    async invoke(functionArn, payload, kind) {
      const name = functionArn.slice(functionArn.lastIndexOf(":") + 1);
      const result = pool.invoke(functionArn, payload, kind);
      if (dies(name)) setTimeout(() => void pool.killWorker(name), 20);
      return await result;
    },
  };
}

/** Connects queues and functions; polling begins with `start()`. */
export function connectFunctions(
  core: Core,
  { queues }: Messaging,
  functions: Functions,
): EventSourceMappings {
  return createMappings(mappingsOf(core.topology), {
    queues,
    runtime: functions.runtime,
    timers: core.timers,
    authorize: core.authorizer.authorize,
    assumeServiceRole: core.assumeServiceRole,
    queuePolicies: core.policies.of,
    timeoutOf: (arn) => functions.definitions.find((definition) => definition.arn === arn)?.timeoutSeconds,
    workersPerFunction,
    onBatch: (outcome) => tellFailure(core, outcome),
  });
}

function tellFailure(core: Core, { mapping, messages, failed, error }: BatchOutcome): void {
  if (failed === 0) return;
  const message = error ?? "some messages failed and come back";
  core.tell({ level: "warn", source: mapping.functionName, message, fields: { failed, of: messages } });
}
