import type { Registry } from "@tallyman/domain/registry/registry";
import type { EcrRegistry, OpenRegistryOptions } from "@tallyman/registry/open-registry";
import type { Buckets } from "./bucket/buckets.ts";
import type { CloudClock } from "./clock/cloud-clock.ts";
import { cloudRoutes } from "./composition/border.ts";
import { startContainerFunctions } from "./composition/container-functions.ts";
import { type Core, createCore } from "./composition/core.ts";
import { startEcs } from "./composition/ecs.ts";
import { connectFunctions, createFunctions, type Functions } from "./composition/functions.ts";
import { startLifecycle } from "./composition/lifecycle.ts";
import { keepMessaging, type Messaging, startMessaging } from "./composition/messaging.ts";
import { declareExclusions, startRegistry } from "./composition/registry.ts";
import { createRestoreTimer } from "./composition/restores.ts";
import { startBuckets, startIam, startParameters, startTables } from "./composition/storage.ts";
import { createTaskRunner } from "./composition/task-runner.ts";
import { ensureDataDirectory } from "./data-directory.ts";
import { startHttpServer } from "./http/server.ts";
import type { AccountsFile } from "./identity/accounts-file.ts";
import type { Iam } from "./identity-api/iam-service.ts";
import type { LogLine } from "./lambda/worker-messages.ts";
import type { LiveSink } from "./live/live-line.ts";
import { slackLine } from "./live/slack-line.ts";
import type { EventSourceMappings } from "./mappings/event-source-mappings.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import type { Parameters } from "./parameters/parameters.ts";
import { createSlackSink, type SlackSink } from "./slack-sink/slack-sink.ts";
import type { Tables } from "./tables/tables.ts";
import type { Snapshot } from "./topology/snapshot.ts";
import { loadTopology } from "./topology/topology.ts";
import type { Ecs } from "./workloads/ecs/create-ecs.ts";
import type { LambdaApi } from "./workloads/lambda/lambda-service.ts";

export type CloudOptions = {
  readonly hub: Snapshot;
  readonly member: Snapshot;
  readonly hubRegistry: Registry;
  readonly registries: readonly Registry[];
  /** Where registry, tables and queues are kept; created when missing. One cloud at a time. */
  readonly dataDirectory: string;
  /** What the functions' `bundle` and the objects' `source` are relative to: the folder that holds `dist/`. */
  readonly bundlesDirectory: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly accounts?: AccountsFile | undefined;
  /** How the embedded registry decides where ECR's documents do not: see its `SWITCHES.md`. */
  readonly registry?: Pick<OpenRegistryOptions, "limits" | "switches"> | undefined;
  /** Hears of everything that happens. */
  readonly live?: LiveSink | undefined;
  /** Every line that a function writes, as it is. */
  readonly onLog?: ((line: LogLine) => void) | undefined;
};

export type Cloud = {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly clock: CloudClock;
  /** Ends running functions after a moment of grace; what they had not finished comes back at the next start. */
  stop(): Promise<void>;
};

/** What a running cloud consists of. */
export type CloudParts = {
  readonly core: Core;
  readonly iam: Iam;
  readonly messaging: Messaging;
  readonly registry: EcrRegistry;
  readonly ecs: Ecs;
  readonly tables: Tables;
  readonly buckets: Buckets;
  readonly parameters: Parameters;
  readonly metrics: Metrics;
  readonly slack: SlackSink;
  readonly functions: Functions;
  readonly lambdaApi: LambdaApi;
  readonly mappings: EventSourceMappings;
};

/**
 * Starts the embedded cloud: everything that the stacks declare, on one port. Resolves when everything answers.
 *
 * @throws TopologyError for stacks that cannot run here, PortInUseError, DataInUseError, DataDirectoryError
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const cleanup = new AsyncDisposableStack();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

async function start(options: CloudOptions, cleanup: AsyncDisposableStack): Promise<Cloud> {
  const { port, live = () => undefined } = options;
  await ensureDataDirectory(options.dataDirectory);
  const core = createCore(loadTopology(options), { accounts: options.accounts, live });
  cleanup.defer(() => core.timers.stop());
  let url = "";
  const parts = await startParts(core, { ...options, endpoint: () => url }, cleanup);
  const server = await startHttpServer({ port, routes: cloudRoutes(parts), onError: core.onError });
  cleanup.defer(() => server.stop());
  url = server.url;
  cleanup.defer(() => stopWork(parts));
  parts.mappings.start();
  parts.ecs.resume();
  return { url, port: server.port, clock: core.clock, stop: () => cleanup.disposeAsync() };
}

async function startParts(
  core: Core,
  options: CloudOptions & { readonly endpoint: () => string },
  cleanup: AsyncDisposableStack,
): Promise<CloudParts> {
  const { dataDirectory, endpoint } = options;
  const iam = await startIam(core, dataDirectory);
  const tasks = createTaskRunner(core.onError);
  const messaging = startMessaging(core, { dataDirectory, baseUrl: endpoint, runTask: tasks.runTask });
  cleanup.defer(() => messaging.queues.stop());
  const tables = await startTables(core, dataDirectory);
  cleanup.defer(() => tables.stop());
  const buckets = await startBuckets(core, options);
  cleanup.defer(() => buckets.stop());
  const parameters = await startParameters(core, dataDirectory);
  const restores = createRestoreTimer(core);
  const registry = await startRegistry(core, messaging, { ...options, onRestoring: restores.arm });
  cleanup.defer(() => registry.close());
  restores.serve(registry);
  cleanup.defer(() => restores.stop());
  await declareExclusions(registry, core);
  const ecs = startEcs(core, messaging, options);
  cleanup.defer(() => ecs.close());
  tasks.serve(ecs);
  await keepMessaging(messaging, dataDirectory);
  const lifecycle = startLifecycle(core, registry);
  cleanup.defer(() => lifecycle.stop());
  const { clock, faults, tell } = core;
  const slack = createSlackSink({ clock, faults, onMessage: (message) => tell(slackLine(message)) });
  const metrics = createMetrics();
  const functions = createFunctions(core, metrics, options);
  const mappings = connectFunctions(core, messaging, functions);
  const lambdaApi = await startContainerFunctions(core, { registry, functions }, dataDirectory);
  return {
    core,
    iam,
    messaging,
    tables,
    buckets,
    parameters,
    registry,
    ecs,
    metrics,
    slack,
    functions,
    lambdaApi,
    mappings,
  };
}

/** Nothing new is begun; functions that run get a moment, then their messages come back at the next start. */
async function stopWork({ messaging, mappings, functions, ecs }: CloudParts): Promise<void> {
  messaging.stopSchedules();
  await ecs.stop();
  const stopped = mappings.stop();
  await functions.pool.stop();
  await stopped;
}
