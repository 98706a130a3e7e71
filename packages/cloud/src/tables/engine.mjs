// Runs in a worker thread: dynalite's operations over one store per account and region. dynalite throws inside
// callbacks when something is wrong with it; here that costs the requests in flight and no process.
import { parentPort } from "node:worker_threads";
import { closeStore, failure, internal, openStore, perform, renewLocks } from "./operations.mjs";

const stores = new Map();
const inFlight = new Set();
const outbox = [];

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
    const { body, units } = await perform(stores.get(message.store), message);
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

function open({ id, store, ...place }) {
  stores.set(store, openStore(place));
  post({ id, status: 200, body: "{}" });
}

async function close({ id }) {
  for (const store of stores.values()) await closeStore(store);
  post({ id, status: 200, body: "{}" });
  flush();
  parentPort.close();
}

/** Which request threw is unknown: all that run fail (SDKs repeat a 500), and locks that they held are forgotten. */
function crashed(error) {
  for (const id of [...inFlight]) answer(id, internal(error));
  for (const store of stores.values()) renewLocks(store);
}
