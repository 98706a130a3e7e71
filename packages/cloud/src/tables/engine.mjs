// Runs in a worker thread: dynalite's operations over one store per account and region. dynalite throws inside
// callbacks when something is wrong with it; here that costs the requests in flight and no process.
// Plain JavaScript: dynalite has no types. What it lacks is added by `measure.mjs`.
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
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
const stores = new Map();
const inFlight = new Set();
const outbox = [];

measure(db, (name) => require(`dynalite/validations/${name}`));
process.on("uncaughtException", crashed);
process.on("unhandledRejection", crashed);
parentPort.on("message", (messages) => {
  for (const message of messages) void receive(message);
});

async function receive(message) {
  if (message.type === "open") return open(message);
  if (message.type === "close") return await close(message);
  inFlight.add(message.id);
  try {
    const { body, units } = await perform(message);
    answer(message.id, { status: 200, body, units });
  } catch (error) {
    answer(message.id, failure(error));
  }
}

function answer(id, result) {
  if (inFlight.delete(id)) post({ id, ...result });
}

/** What one turn of the event loop answers goes at once, as it came. */
function post(message) {
  if (outbox.length === 0) setImmediate(flush);
  outbox.push(message);
}

function flush() {
  parentPort.postMessage(outbox.splice(0));
}

function open({ id, store, path, account, region }) {
  const opened = db.create({ path, createTableMs: 0 });
  opened.tableDb.awsAccountId = account;
  opened.tableDb.awsRegion = region;
  renewLocks(opened);
  stores.set(store, opened);
  post({ id, status: 200, body: "{}" });
}

async function close({ id }) {
  for (const store of stores.values())
    await new Promise((resolve) => store.lifecycleManager.gracefulClose(resolve));
  post({ id, status: 200, body: "{}" });
  flush();
  parentPort.close();
}

async function perform({ store, operation, body }) {
  const { action, validation } = operations.get(operation);
  const parsed = JSON.parse(body);
  const wanted = parsed.ReturnConsumedCapacity;
  if ("ReturnConsumedCapacity" in validation.types) parsed.ReturnConsumedCapacity ??= "NONE";
  const data = validations.checkTypes(parsed, validation.types);
  validations.checkValidations(data, validation.types, validation.custom, stores.get(store));
  if (data.ReturnConsumedCapacity) data.ReturnConsumedCapacity = "INDEXES";
  const result = await call(action, stores.get(store), data);
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

function failure(error) {
  if (!error?.statusCode) return internal(error);
  const { ConsumedUnits, ...body } = error.body;
  return { status: error.statusCode, body: JSON.stringify(body), units: ConsumedUnits };
}

function internal(error) {
  const message = `The embedded table engine failed: ${error?.message ?? error}`;
  const body = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message });
  return { status: 500, body };
}

/** Which request threw is unknown: all that run fail (SDKs repeat a 500), and locks that they held are forgotten. */
function crashed(error) {
  for (const id of [...inFlight]) answer(id, internal(error));
  for (const store of stores.values()) renewLocks(store);
}

/** dynalite keeps a lock per key and sub-database; a getter lets all of them be replaced at once. */
function renewLocks(store) {
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
