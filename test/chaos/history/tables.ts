import { unmarshall } from "@aws-sdk/util-dynamodb";
import { declareTable } from "@tallyman/cloud/tables/declare-table";
import type { Engine } from "@tallyman/cloud/tables/engine";
import { tableDefinition } from "@tallyman/cloud/tables/table-definition";
import { tablesInMemory } from "@tallyman/cloud/testing/tables-in-memory";
import { committedSnapshots } from "../../support/snapshots.ts";
import type { Answers } from "./doors.ts";

export type Stored = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

/** The table of one history, as the stacks declare it. */
export type HistoryTable = {
  readonly name: string;
  readonly answers: Answers;
  /** Every item that was written, in order: what was stored is known even when it is overwritten. */
  readonly written: readonly Stored[];
  /** Every item as it lies there, by a scan. */
  dump(): Promise<readonly Stored[]>;
};

export type Tables = { newTable(): Promise<HistoryTable>; stop(): Promise<void> };

const PLACE = { account: "111122223333", region: "us-east-1" };

/** The table engine of the embedded cloud, in memory. */
export function startTables(): Tables {
  const engine = tablesInMemory(PLACE);
  const inputs = committedSnapshots().hub.resources["aws:dynamodb/table:Table"]?.["Inventory"];
  let count = 0;
  return {
    async newTable() {
      count += 1;
      const name = `Inventory-${count}`;
      await declareTable(engine, tableDefinition(name, { ...inputs, name }, PLACE));
      return historyTable(engine, name);
    },
    stop: () => engine.stop(),
  };
}

function historyTable(engine: Engine, name: string): HistoryTable {
  const written: Stored[] = [];
  async function answers(operation: string, body: string) {
    const answer = await engine.perform({ ...PLACE, operation, body });
    if (operation.startsWith("Put") && answer.status === 200)
      written.push(itemOf((JSON.parse(body) as { Item: Marshalled }).Item));
    else if (/^(Update|Delete|BatchWrite|Transact)/.test(operation))
      throw new Error(`${operation} is not followed here`);
    return { status: answer.status, body: answer.body };
  }
  return {
    name,
    answers,
    written,
    async dump() {
      const items: Stored[] = [];
      let ExclusiveStartKey: Marshalled | undefined;
      do {
        const body = JSON.stringify({ TableName: name, ConsistentRead: true, ExclusiveStartKey });
        const answer = await engine.perform({ ...PLACE, operation: "Scan", body });
        if (answer.status !== 200) throw new Error(answer.body);
        const page = JSON.parse(answer.body) as { Items: Marshalled[]; LastEvaluatedKey?: Marshalled };
        items.push(...page.Items.map(itemOf));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return items;
    },
  };
}

type Marshalled = Parameters<typeof unmarshall>[0];

function itemOf(item: Marshalled): Stored {
  return unmarshall(item) as Stored;
}
