import * as z from "zod";
import type { Engine } from "./engine.ts";
import type { TableDefinition } from "./table-definition.ts";

const Shape = z.object({
  TableStatus: z.string(),
  KeySchema: z.array(z.unknown()),
  AttributeDefinitions: z.array(z.unknown()),
  GlobalSecondaryIndexes: z
    .array(z.object({ IndexName: z.string(), KeySchema: z.array(z.unknown()), Projection: z.unknown() }))
    .default([]),
});

/**
 * Creates the table unless it exists from an earlier start, and waits until it is ACTIVE. Throws when a kept table
 * has other keys or indexes: an index cannot be added later here.
 */
export async function declareTable(engine: Engine, definition: TableDefinition): Promise<void> {
  const { account, region, name } = definition;
  const ask = (operation: string, input: unknown) =>
    engine.perform({ account, region, operation, body: JSON.stringify(input) });
  const created = await ask("CreateTable", definition.create);
  if (created.status !== 200 && !created.body.includes("ResourceInUseException")) {
    throw new Error(`Table ${name} cannot be created: ${created.body}`);
  }
  const deadline = Date.now() + 10_000;
  for (;;) {
    const described = await ask("DescribeTable", { TableName: name });
    const shape = Shape.parse(JSON.parse(described.body).Table);
    if (shape.TableStatus === "ACTIVE") return checkShape(definition, shape);
    if (Date.now() > deadline) throw new Error(`Table ${name} is still ${shape.TableStatus} after 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function checkShape(definition: TableDefinition, kept: z.infer<typeof Shape>): void {
  const declared = Shape.parse({ ...definition.create, TableStatus: "ACTIVE" });
  if (canonical(kept) === canonical(declared)) return;
  throw new Error(
    `Table ${definition.name} was kept with other keys or indexes than the stack declares: remove its data and start again.`,
  );
}

/** Comparable whatever the order of attributes and indexes. */
function canonical(shape: z.infer<typeof Shape>): string {
  const sorted = (list: readonly unknown[]) => list.map((member) => JSON.stringify(member)).sort();
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = shape;
  return JSON.stringify([KeySchema, sorted(AttributeDefinitions), sorted(GlobalSecondaryIndexes)]);
}
