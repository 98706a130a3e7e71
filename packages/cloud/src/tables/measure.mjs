// What dynalite lacks, added where it happens, under the item's lock: sizes in UTF-8 bytes, write units with those of
// global indexes, the item on a failed condition. (DynamoDB Developer Guide: "Item sizes and formats", "Read and write
// operations", "Global secondary indexes > Write capacity units".)

/** dynalite's `db` module is patched once; `validationOf` gives a validation module by name. */
export function measure(db, validationOf) {
  for (const name of ["putItem", "updateItem", "deleteItem"]) {
    validationOf(name).types.ReturnValuesOnConditionCheckFailure = {
      type: "String",
      enum: ["ALL_OLD", "NONE"],
    };
  }
  db.itemSize = itemBytes;
  db.addConsumedCapacity = startCapacity;
  const { updateIndexes, checkConditional } = db;
  db.updateIndexes = (store, table, before, after, done) => {
    addIndexUnits(table, before, after);
    updateIndexes(store, table, before, after, done);
  };
  db.checkConditional = (data, existing) => {
    const error = checkConditional(data, existing);
    return error ? refused(error, data, existing) : error;
  };
}

/** A refused conditional write costs what writing the existing item costs, at least one unit. */
function refused(error, data, existing) {
  error.body.ConsumedUnits = [{ table: data.TableName, read: 0, write: writeUnits(existing) }];
  if (existing && data.ReturnValuesOnConditionCheckFailure === "ALL_OLD") error.body.Item = existing;
  return error;
}

// dynalite calls addConsumedCapacity and, for a write, at once updateIndexes, with nothing in between.
let latest;

function startCapacity(data, isRead, first, second) {
  const units = isRead
    ? readUnits(first, data.ConsistentRead)
    : Math.max(writeUnits(first), second ? writeUnits(second) : 0);
  latest = { CapacityUnits: units, TableName: data.TableName, Table: { CapacityUnits: units } };
  Object.defineProperty(latest, "isRead", { value: isRead });
  return latest;
}

function addIndexUnits(table, before, after) {
  for (const index of table.GlobalSecondaryIndexes ?? []) {
    const units = indexUnits(
      projected(before, table, index),
      projected(after, table, index),
      keyNames(index),
    );
    if (units === 0) continue;
    latest.GlobalSecondaryIndexes ??= {};
    latest.GlobalSecondaryIndexes[index.IndexName] = { CapacityUnits: units };
    latest.CapacityUnits += units;
  }
}

/** One write to add, change or remove an entry; two to move it, because its key changed; none when it stays the same. */
function indexUnits(before, after, keys) {
  if (!before || !after) return before || after ? writeUnits(before ?? after) : 0;
  if (canonical(before) === canonical(after)) return 0;
  const moved = keys.some((key) => canonical(before[key]) !== canonical(after[key]));
  return moved ? writeUnits(before) + writeUnits(after) : Math.max(writeUnits(before), writeUnits(after));
}

/** What an item leaves in an index; undefined when it lacks one of the index's keys. */
function projected(item, table, index) {
  const keys = keyNames(index);
  if (!item || keys.some((key) => item[key] == null)) return undefined;
  if (index.Projection.ProjectionType === "ALL") return item;
  const names = new Set([...keys, ...keyNames(table), ...(index.Projection.NonKeyAttributes ?? [])]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

function keyNames({ KeySchema }) {
  return KeySchema.map((key) => key.AttributeName);
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join()}}`;
}

function writeUnits(item) {
  return item ? Math.max(1, Math.ceil(itemBytes(item) / 1024)) : 1;
}

function readUnits(item, consistent) {
  return (item ? Math.max(1, Math.ceil(itemBytes(item) / 4096)) : 1) * (consistent ? 1 : 0.5);
}

/** Names and values in bytes. */
export function itemBytes(item) {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(attribute) {
  const [[type, value]] = Object.entries(attribute);
  if (type === "S") return Buffer.byteLength(value);
  if (type === "N") return numberBytes(value);
  if (type === "B") return Buffer.byteLength(value, "base64");
  if (type === "BOOL" || type === "NULL") return 1;
  if (type === "L") return 3 + value.reduce((sum, member) => sum + 1 + valueBytes(member), 0);
  if (type === "M") return 3 + Object.keys(value).length + itemBytes(value);
  return value.reduce((sum, member) => sum + valueBytes({ [type.slice(0, 1)]: member }), 0);
}

/** About one byte for two significant digits, and one more; one again for a sign. */
function numberBytes(text) {
  const digits = text
    .replace(/[eE].*$/, "")
    .replace(/[-+.]/g, "")
    .replace(/^0+|0+$/g, "");
  return 1 + Math.ceil(digits.length / 2) + (text.startsWith("-") ? 1 : 0);
}

/** `[{ table, read, write }]` of a result's consumed capacity, whichever operation gave it. */
export function chargeOf(
  result,
  isRead = "Items" in result || "ScannedCount" in result || "Responses" in result,
) {
  return [result.ConsumedCapacity ?? []].flat().map((capacity) => {
    const read = capacity.isRead ?? isRead;
    const units = capacity.CapacityUnits;
    return { table: capacity.TableName, read: read ? units : 0, write: read ? 0 : units };
  });
}
