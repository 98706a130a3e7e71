import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Embedded } from "./embedded.ts";
import { facts } from "./item-writes.ts";
import { EAST } from "./registries.ts";
import { credentialsOf } from "./registry-client.ts";
import { deadLetters } from "./standing.ts";

/** Everything that a report could have changed: items, objects, messages that were given up. */
export type Facts = {
  readonly items: readonly unknown[];
  readonly objects: readonly string[];
  readonly deadLetters: Readonly<Record<string, number>>;
};

export async function usageFacts(product: Embedded): Promise<Facts> {
  const all = await facts(product);
  return {
    items: Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    objects: await objectsBelow(product, "usage/"),
    deadLetters: await deadLetters(product),
  };
}

/** Names of objects with what they hold (their ETag). */
async function objectsBelow(product: Embedded, Prefix: string): Promise<readonly string[]> {
  const { account, region } = EAST;
  const s3 = new S3Client({
    endpoint: product.url,
    region,
    credentials: credentialsOf(account),
    forcePathStyle: true,
  });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "archive", Prefix }));
  s3.destroy();
  return Contents.map(({ Key, ETag }) => `${Key} ${ETag}`);
}
