import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { openTable, type Table } from "@tallyman/aws/dynamodb/table";
import { until } from "../support/until.ts";

const dynalite: (options: Record<string, unknown>) => Server = createRequire(import.meta.url)("dynalite");

const NAMES = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"];

type Ways = { readonly together: boolean };

export type Dynamo = {
  newTable(ways?: Ways): Promise<Table>;
  /** Writes an item of the newest table as it is given, past the store: from another version, or damaged. */
  putRaw(item: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
};

/** A DynamoDB on loopback; each table it makes is the inventory's, empty. */
export async function startDynamo(): Promise<Dynamo> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  let tables = 0;
  return {
    async newTable(ways) {
      const name = `Inventory-${++tables}`;
      await createTable(client, name);
      return openTable(name, client, ways);
    },
    async putRaw(item) {
      const documents = DynamoDBDocumentClient.from(client);
      await documents.send(new PutCommand({ TableName: `Inventory-${tables}`, Item: item }));
    },
    close: async () => {
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  const keys = (prefix: string) => [
    { AttributeName: `${prefix}pk`, KeyType: "HASH" as const },
    { AttributeName: `${prefix}sk`, KeyType: "RANGE" as const },
  ];
  const index = (IndexName: string) => ({
    IndexName,
    KeySchema: keys(IndexName),
    Projection: { ProjectionType: "ALL" as const },
  });
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: NAMES.map((name) => ({ AttributeName: name, AttributeType: "S" })),
      KeySchema: keys(""),
      GlobalSecondaryIndexes: [index("gsi1"), index("gsi2")],
    }),
  );
  await until(`table ${name} is active`, async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.TableStatus === "ACTIVE";
  });
}
