// DynamoDB's own arithmetic ("Item sizes and formats", "Read and write operations", "Global secondary indexes > Write
// capacity units"). `test/reconcile-scale.test.ts` holds it to what the embedded tables meter.
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Attributes = Readonly<Record<string, AttributeValue>>;

const INDEXES = [
  ["gsi1pk", "gsi1sk"],
  ["gsi2pk", "gsi2sk"],
] as const;

/** Names and values in bytes. */
export function itemBytes(item: Attributes): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += textBytes(name) + valueBytes(value);
  return bytes;
}

function valueBytes({ S, N, L, M, SS }: AttributeValue): number {
  if (S !== undefined) return textBytes(S);
  if (N !== undefined) return numberBytes(N);
  if (L !== undefined) return L.reduce((sum, member) => sum + 1 + valueBytes(member), 3);
  if (M !== undefined) return 3 + Object.keys(M).length + itemBytes(M);
  if (SS !== undefined) throw new Error("nothing of ours stores sets");
  return 1;
}

function textBytes(text: string): number {
  return Buffer.byteLength(text);
}

/** One byte for two significant digits, and one more; one again for a sign. */
function numberBytes(number: string): number {
  const digits = number.replace(/[-.]/g, "").replace(/^0+|0+$/g, "").length;
  return 1 + Math.ceil(digits / 2) + (number.startsWith("-") ? 1 : 0);
}

/** Units of a write that replaces `before`: those of the table, and of both indexes, which hold whole items. */
export function writeUnits(before: Attributes | undefined, after: Attributes): number {
  const table = Math.max(unitsOf(before), unitsOf(after));
  return INDEXES.reduce((sum, index) => sum + indexUnits(before, after, index), table);
}

/** What a refused condition costs. */
export function refusedUnits(existing: Attributes | undefined): number {
  return unitsOf(existing);
}

export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}

function unitsOf(item: Attributes | undefined): number {
  return item === undefined ? 1 : Math.max(1, Math.ceil(itemBytes(item) / 1024));
}

/** One write to add, change or remove an entry; two to move it, as its key changed. */
function indexUnits(
  before: Attributes | undefined,
  after: Attributes,
  keys: readonly [string, string],
): number {
  const was = before !== undefined && keys.every((key) => before[key] !== undefined);
  const is = keys.every((key) => after[key] !== undefined);
  if (!was || !is) return (was ? unitsOf(before) : 0) + (is ? unitsOf(after) : 0);
  const moved = keys.some((key) => before[key]?.S !== after[key]?.S);
  return moved ? unitsOf(before) + unitsOf(after) : Math.max(unitsOf(before), unitsOf(after));
}
