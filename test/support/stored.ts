import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDeedQueries } from "@tallyman/aws/dynamodb/deed-log";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import type { Deed, DeedQueries } from "@tallyman/domain/history/deed";
import type { ImageStore, SummaryStore, TagStore } from "@tallyman/domain/inventory/ports";
import type { Embedded } from "./embedded.ts";
import { EAST } from "./registries.ts";
import { credentialsOf } from "./registry-client.ts";

/** The running product's table, read as the hub's administrator. */
export type Stored = {
  readonly images: ImageStore;
  readonly tags: TagStore;
  readonly summaries: SummaryStore;
  deeds(about: Parameters<DeedQueries["listDeeds"]>[0]): Promise<readonly Deed[]>;
  close(): void;
};

export function openStored(product: Embedded): Stored {
  const { account, region } = EAST;
  const client = new DynamoDBClient({ endpoint: product.url, region, credentials: credentialsOf(account) });
  const table = openTable("Inventory", client);
  const deeds = dynamoDeedQueries(table);
  return {
    images: dynamoImageStore(table),
    tags: dynamoTagStore(table),
    summaries: dynamoSummaryStore(table),
    deeds: async (about) => (await deeds.listDeeds(about, { limit: 1000 })).items,
    close: () => client.destroy(),
  };
}
