import * as z from "zod";

const Index = z.object({
  name: z.string(),
  hashKey: z.string(),
  rangeKey: z.string().optional(),
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]).default("ALL"),
  nonKeyAttributes: z.array(z.string()).optional(),
});
type Index = z.infer<typeof Index>;

const Inputs = z.object({
  name: z.string().optional(),
  hashKey: z.string(),
  rangeKey: z.string().optional(),
  attributes: z.array(z.object({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
  globalSecondaryIndexes: z.array(Index).default([]),
  ttl: z.object({ attributeName: z.string().default(""), enabled: z.boolean().default(false) }).optional(),
});

/** A table that a stack declares: how it is created, and the attribute by which its items expire. */
export type TableDefinition = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** The attributes of its primary key. */
  readonly keys: readonly string[];
  /** Epoch seconds; undefined: items do not expire. */
  readonly ttlAttribute: string | undefined;
  /** The input of CreateTable. */
  readonly create: Readonly<Record<string, unknown>>;
};

export type TablePlace = { readonly account: string; readonly region: string };

/** Reads an `aws:dynamodb/table:Table` resource. Throws what is wrong with it, by name. */
export function tableDefinition(logicalName: string, resource: unknown, place: TablePlace): TableDefinition {
  const parsed = Inputs.safeParse(resource);
  if (!parsed.success) throw new Error(`Table ${logicalName}: ${z.prettifyError(parsed.error)}`);
  const inputs = parsed.data;
  const name = inputs.name ?? logicalName;
  const indexes = inputs.globalSecondaryIndexes.map(toIndex);
  const create = {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: inputs.attributes.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: keySchema(inputs),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
  const ttlAttribute = inputs.ttl?.enabled ? inputs.ttl.attributeName : undefined;
  const keys = keySchema(inputs).map((key) => key.AttributeName);
  return { ...place, name, keys, ttlAttribute, create };
}

function toIndex(index: Index) {
  const { projectionType: ProjectionType, nonKeyAttributes: NonKeyAttributes } = index;
  const Projection = { ProjectionType, ...(NonKeyAttributes && { NonKeyAttributes }) };
  return { IndexName: index.name, KeySchema: keySchema(index), Projection };
}

function keySchema(keys: { hashKey: string; rangeKey?: string | undefined }) {
  const hash = { AttributeName: keys.hashKey, KeyType: "HASH" };
  return keys.rangeKey ? [hash, { AttributeName: keys.rangeKey, KeyType: "RANGE" }] : [hash];
}
