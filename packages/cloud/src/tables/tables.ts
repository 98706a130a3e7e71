import { rm } from "node:fs/promises";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import { principalName } from "../http/wire.ts";
import { checkAccess, OPERATIONS, resourcesOf } from "./access.ts";
import { type ConsumedUnits, itemWritesOf, type UnitsMeter, unitsMeter } from "./consumed-units.ts";
import { declareTable } from "./declare-table.ts";
import { dynamodbAnswer, dynamodbError, validationError } from "./dynamodb-answer.ts";
import { type Engine, startEngine } from "./engine.ts";
import { expireItems } from "./expire-items.ts";
import type { TableDefinition } from "./table-definition.ts";

export type TablesOptions = {
  readonly authorize: Authorize;
  readonly faults: Faults;
  readonly clock: CloudClock;
  /** Where items are kept (LevelDB); undefined: in memory. */
  readonly directory?: string;
  /** How often expired items are removed, by the wall clock; also whenever the cloud's clock is set. Default 60 s. */
  readonly sweepMilliseconds?: number;
};

export type Tables = {
  readonly service: AwsService;
  /** Creates the table, or takes up the one that is kept; resolves when it is ACTIVE. */
  declare(definition: TableDefinition): Promise<void>;
  /** Removes what has expired by the cloud's clock; how many items. */
  sweep(): Promise<number>;
  consumed(): readonly ConsumedUnits[];
  resetConsumed(): void;
  /** Empties every table. */
  clear(): Promise<void>;
  stop(): Promise<void>;
};

const TRANSACTIONS = ["TransactWriteItems", "TransactGetItems"];

/** DynamoDB as this product uses it: a front with access control, faults, limits and metering over dynalite. */
export function createTables(options: TablesOptions): Tables {
  const declared: TableDefinition[] = [];
  const meter = unitsMeter();
  let engine = startEngine(options.directory);
  let sweeping: Promise<number> | undefined;

  async function declare(definition: TableDefinition): Promise<void> {
    await declareTable(engine, definition);
    declared.push(definition);
  }

  async function sweepAll(): Promise<number> {
    let deleted = 0;
    for (const table of declared) deleted += await expireItems(engine, table, options.clock.now());
    return deleted;
  }

  async function sweep(): Promise<number> {
    await sweeping?.catch(() => 0);
    sweeping = sweepAll();
    return await sweeping;
  }

  async function clear(): Promise<void> {
    await sweeping?.catch(() => 0);
    await engine.stop();
    if (options.directory) await rm(options.directory, { recursive: true, force: true });
    engine = startEngine(options.directory);
    for (const table of declared) await declareTable(engine, table);
  }

  // A sweep that fails while the engine stops loses nothing: the next one finds the same items.
  const sweepQuietly = () => void sweep().catch(() => 0);
  const timer = setInterval(sweepQuietly, options.sweepMilliseconds ?? 60_000);
  timer.unref();
  const unlisten = options.clock.onSet(sweepQuietly);

  async function stop(): Promise<void> {
    clearInterval(timer);
    unlisten();
    await sweeping?.catch(() => 0);
    await engine.stop();
  }

  const service: AwsService = {
    signingName: "dynamodb",
    handle: (request) => answer(request, { options, meter, declared, engine: () => engine }),
  };
  return { service, declare, sweep, consumed: meter.totals, resetConsumed: meter.reset, clear, stop };
}

type Deps = {
  readonly options: TablesOptions;
  readonly meter: UnitsMeter;
  readonly declared: readonly TableDefinition[];
  readonly engine: () => Engine;
};

async function answer(request: AwsRequest, deps: Deps): Promise<AwsResponse> {
  try {
    return await perform(request, deps);
  } catch (error) {
    if (error instanceof AwsError) return dynamodbError(error);
    throw error;
  }
}

async function perform(
  request: AwsRequest,
  { options, meter, declared, engine }: Deps,
): Promise<AwsResponse> {
  const operation = operationOf(request);
  const fault = options.faults.failure(`dynamodb:${operation}`);
  if (fault)
    throw new AwsError(fault.code, `${fault.code}: a fault is switched on for this operation.`, fault.status);
  const body = Buffer.from(request.body).toString("utf8");
  const input = parse(body);
  const resources = resourcesOf(operation, input, request);
  checkAccess(options.authorize, request, { operation, resources });
  if (operation === "DescribeTimeToLive")
    return dynamodbAnswer(200, JSON.stringify(timeToLive(declared, resources)));
  const { account, region } = request;
  const result = await engine().perform({ account, region, operation, body });
  const itemWrites = result.status === 200 ? itemWritesOf(operation, input) : 0;
  meter.add({ account, region, principal: principalName(request.caller), units: result.units, itemWrites });
  return dynamodbAnswer(result.status, result.body);
}

function timeToLive(declared: readonly TableDefinition[], [resource]: readonly string[]) {
  const table = declared.find(
    ({ account, region, name }) => resource === `arn:aws:dynamodb:${region}:${account}:table/${name}`,
  );
  if (!table) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
  const { ttlAttribute: AttributeName } = table;
  const on = { TimeToLiveStatus: "ENABLED", AttributeName };
  return { TimeToLiveDescription: AttributeName ? on : { TimeToLiveStatus: "DISABLED" } };
}

function operationOf(request: AwsRequest): string {
  const [version, operation = ""] = (request.headers["x-amz-target"] ?? "").split(".");
  if (TRANSACTIONS.includes(operation)) {
    throw validationError(
      `${operation} is not supported by the embedded cloud: write items one by one, conditionally.`,
    );
  }
  if (version === "DynamoDB_20120810" && OPERATIONS.includes(operation)) return operation;
  throw new AwsError(
    "UnknownOperationException",
    `${operation || "This"} is not supported by the embedded cloud.`,
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
}
