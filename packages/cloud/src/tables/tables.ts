import { rm } from "node:fs/promises";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { AwsService } from "../http/aws-service.ts";
import { answerRequest } from "./answer-request.ts";
import { type ConsumedUnits, unitsMeter } from "./consumed-units.ts";
import { declareTable } from "./declare-table.ts";
import { startEngine } from "./engine.ts";
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
    handle: (request) => answerRequest(request, { options, meter, declared, engine: () => engine }),
  };
  return { service, declare, sweep, consumed: meter.totals, resetConsumed: meter.reset, clear, stop };
}
