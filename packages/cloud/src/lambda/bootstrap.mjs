// Runs in a worker thread before the function's bundle: one execution environment, one invocation at a time.
// Plain JavaScript, so that no worker pays for stripping types.
import { enableCompileCache } from "node:module";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

const MAX_RESPONSE_BYTES = 6_291_556;
const startedAt = performance.now();
let requestId;

shiftDate();
captureOutput("stdout");
captureOutput("stderr");
process.on("uncaughtException", (error) => die(error?.name ?? "Error", error));
process.on("unhandledRejection", (reason) => die("Runtime.UnhandledPromiseRejection", reason));
if (workerData.compileCache) enableCompileCache(workerData.compileCache);

const handler = await load();
parentPort.postMessage({ type: "ready", milliseconds: performance.now() - startedAt });
parentPort.on("message", (message) => void run(message));

/** `Date` follows the cloud's clock; everything else of the bundle sees an ordinary `Date`. */
function shiftDate() {
  const RealDate = Date;
  const offset = new Float64Array(workerData.clockOffset);
  const now = () => RealDate.now() + Math.round(offset[0]);
  function ShiftedDate(...given) {
    if (!new.target) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, given.length === 0 ? [now()] : given, new.target);
  }
  Object.defineProperty(ShiftedDate, "name", { value: "Date" });
  Object.defineProperty(ShiftedDate, "length", { value: 7 });
  ShiftedDate.prototype = RealDate.prototype;
  ShiftedDate.prototype.constructor = ShiftedDate;
  Object.assign(ShiftedDate, { now, parse: RealDate.parse, UTC: RealDate.UTC });
  globalThis.Date = ShiftedDate;
}

/** Lines go over the message port, not the stream: so they arrive before the result that follows them. */
function captureOutput(stream) {
  process[stream].write = (chunk, encoding, callback) => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    parentPort.postMessage({ type: "log", stream, text, requestId });
    const done = typeof encoding === "function" ? encoding : callback;
    if (done) queueMicrotask(() => done());
    return true;
  };
}

async function load() {
  try {
    const module = await import(pathToFileURL(workerData.file).href);
    const found = module[workerData.exportName];
    if (typeof found === "function") return found;
    return die("Runtime.HandlerNotFound", new Error(`${workerData.handler} is undefined or not exported`));
  } catch (error) {
    const missing = error?.code === "ERR_MODULE_NOT_FOUND";
    const syntax = error instanceof SyntaxError;
    const kind = missing ? "Runtime.ImportModuleError" : syntax ? "Runtime.UserCodeSyntaxError" : error?.name;
    return die(kind ?? "Error", error);
  }
}

async function run({ payload, context, deadline }) {
  requestId = context.awsRequestId;
  const answer = await invoke(payload, lambdaContext(context, deadline));
  parentPort.postMessage({ ...answer, requestId });
  requestId = undefined;
}

async function invoke(payload, context) {
  try {
    return marshal(await handler(JSON.parse(payload), context));
  } catch (error) {
    logInvokeError(error);
    const { errorType, errorMessage } = describe(error);
    return { type: "error", errorType, message: errorMessage };
  }
}

function marshal(value) {
  let text;
  try {
    text = JSON.stringify(value === undefined ? null : value);
  } catch (error) {
    return {
      type: "error",
      errorType: "Runtime.MarshalError",
      message: `Unable to stringify response body: ${error}`,
    };
  }
  if (Buffer.byteLength(text) > MAX_RESPONSE_BYTES) {
    const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    return { type: "error", errorType: "Function.ResponseSizeTooLarge", message };
  }
  return { type: "result", payload: text };
}

function lambdaContext(context, deadline) {
  return {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.round(deadline - performance.timeOrigin - performance.now())),
  };
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, stackTrace: String(error.stack).split("\n") };
}

/** The runtime itself prints this line on AWS, in the function's log format. */
function logInvokeError(error) {
  const { errorType, errorMessage, stackTrace } = describe(error);
  const timestamp = new Date().toISOString();
  if (process.env.AWS_LAMBDA_LOG_FORMAT === "JSON") {
    const message = { errorType, errorMessage, stackTrace };
    return process.stdout.write(`${JSON.stringify({ timestamp, level: "ERROR", requestId, message })}\n`);
  }
  const text = JSON.stringify({ errorType, errorMessage, stack: stackTrace });
  return process.stdout.write(`${timestamp}\t${requestId}\tERROR\tInvoke Error\t${text}\n`);
}

/** An environment that is broken reports once and ends; the next invocation gets a new one. */
function die(errorType, error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${errorType}: ${error instanceof Error ? error.stack : message}\n`);
  parentPort.postMessage({ type: "fatal", errorType, message });
  process.exit(1);
}
