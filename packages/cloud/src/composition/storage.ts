import { join } from "node:path";
import { tableDefinition } from "../tables/table-definition.ts";
import { createTables, type Tables } from "../tables/tables.ts";
import type { Core } from "./core.ts";

/** Tables as the stacks declare them. */
export async function startTables(core: Core, dataDirectory: string): Promise<Tables> {
  const { authorizer, faults, clock, topology } = core;
  const directory = join(dataDirectory, "tables");
  const tables = createTables({ authorize: authorizer.authorize, faults, clock, directory });
  for (const { logicalName, inputs, account, region } of topology.resources("aws:dynamodb/table:Table"))
    await tables.declare(tableDefinition(logicalName, inputs, { account, region }));
  return tables;
}
