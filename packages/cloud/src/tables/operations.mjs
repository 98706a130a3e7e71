// dynalite's operations over one store. Plain JavaScript: dynalite has no types. What it lacks is added by `measure.mjs`.
import { createRequire } from "node:module";
import { chargeOf, measure } from "./measure.mjs";

const require = createRequire(import.meta.url);
const db = require("dynalite/db");
const validations = require("dynalite/validations");
const { Lock } = require("lock");

const OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
];
const operations = new Map(
  OPERATIONS.map((name) => {
    const file = validations.toLowerFirst(name);
    const action = require(`dynalite/actions/${file}`);
    return [name, { action, validation: require(`dynalite/validations/${file}`) }];
  }),
);

measure(db, (name) => require(`dynalite/validations/${name}`));

/** A store of one account and Region; `path` keeps its tables, without one they live in memory. */
export function openStore({ path, account, region }) {
  const opened = db.create({ path, createTableMs: 0 });
  opened.tableDb.awsAccountId = account;
  opened.tableDb.awsRegion = region;
  renewLocks(opened);
  return opened;
}

export function closeStore(store) {
  return new Promise((resolve) => store.lifecycleManager.gracefulClose(resolve));
}

/** Answers one request of DynamoDB's JSON API: the JSON text, and what it consumed. Throws what `failure` understands. */
export async function perform(store, { operation, body }) {
  const { action, validation } = operations.get(operation);
  const parsed = JSON.parse(body);
  const wanted = parsed.ReturnConsumedCapacity;
  if ("ReturnConsumedCapacity" in validation.types) parsed.ReturnConsumedCapacity ??= "NONE";
  const data = validations.checkTypes(parsed, validation.types);
  validations.checkValidations(data, validation.types, validation.custom, store);
  if (data.ReturnConsumedCapacity) data.ReturnConsumedCapacity = "INDEXES";
  const result = await call(action, store, data);
  if (operation === "Query" || operation === "Scan")
    chargeAtLeast(result.ConsumedCapacity, data.ConsistentRead);
  const units = chargeOf(result);
  if (wanted !== "INDEXES" && wanted !== "TOTAL") delete result.ConsumedCapacity;
  if (wanted === "TOTAL") [result.ConsumedCapacity].flat().forEach(keepTotal);
  return { body: JSON.stringify(result), units };
}

/** Reading nothing costs what reading the smallest item costs. */
function chargeAtLeast(capacity, consistent) {
  capacity.CapacityUnits ||= consistent ? 1 : 0.5;
}

function keepTotal(capacity) {
  delete capacity?.Table;
  delete capacity?.GlobalSecondaryIndexes;
  delete capacity?.LocalSecondaryIndexes;
}

function call(action, store, data) {
  return new Promise((resolve, reject) => {
    action(store, data, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** The answer to a request that threw. */
export function failure(error) {
  if (!error?.statusCode) return internal(error);
  const { ConsumedUnits, ...body } = error.body;
  return { status: error.statusCode, body: JSON.stringify(body), units: ConsumedUnits };
}

export function internal(error) {
  const message = `The embedded table engine failed: ${error?.message ?? error}`;
  const body = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message });
  return { status: 500, body };
}

/** dynalite keeps a lock per key and sub-database; a getter lets all of them be replaced at once. */
export function renewLocks(store) {
  store.locks = new Map();
  if (store.lockable) return;
  store.lockable = true;
  const getItemDb = store.getItemDb;
  store.getItemDb = (name) => {
    const items = getItemDb(name);
    if (!store.locks.has(name)) store.locks.set(name, Lock());
    items.lock = store.locks.get(name);
    return items;
  };
}
