import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { FunctionDefinition } from "./function-definition.ts";
import type { InvocationResult } from "./function-runtime.ts";
import { type LogLine, linesOf, WorkerMessage } from "./worker-messages.ts";

export type { LogLine } from "./worker-messages.ts";

export type EnvironmentOptions = {
  readonly definition: FunctionDefinition;
  readonly variables: Record<string, string>;
  readonly clockOffset: SharedArrayBuffer;
  /** A folder for V8's compiled code, kept between starts. */
  readonly compileCache: string | undefined;
  readonly onLog: (line: LogLine) => void;
  /** Once, when the bundle is loaded: how long that took, in milliseconds. */
  readonly onReady: (milliseconds: number) => void;
  /** Once, when the thread is gone for whatever reason. */
  readonly onGone: () => void;
};

export type ExecutionEnvironment = {
  /** One at a time: the caller keeps to that. */
  invoke(payload: string): Promise<InvocationResult>;
  /** Ends the thread; an invocation that runs fails with `result`. */
  end(result?: InvocationResult): Promise<void>;
};

type Failure = { readonly errorType: string; readonly message: string };
type Pending = { readonly settle: (result: InvocationResult) => void };

const INIT_LIMIT_MILLISECONDS = 10_000;
const BOOTSTRAP = new URL("./bootstrap.mjs", import.meta.url);

/** Starts one worker thread with one function's bundle: what Lambda calls an execution environment. */
export function startEnvironment(options: EnvironmentOptions): ExecutionEnvironment {
  const { definition } = options;
  const worker = startWorker(options);
  let pending: Pending | undefined;
  let failure: Failure | undefined;
  let ended: InvocationResult | undefined;
  let loaded: (ok: boolean) => void;
  const ready = new Promise<boolean>((resolve) => {
    loaded = resolve;
  });

  worker.on("message", (raw) => receive(WorkerMessage.parse(raw)));
  worker.on("error", (error: Error & { code?: string }) => {
    const memory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    failure ??= { errorType: memory ? "Runtime.OutOfMemory" : error.name, message: error.message };
  });
  worker.on("exit", (code) => {
    failure ??= { errorType: "Runtime.ExitError", message: `Runtime exited with error: exit status ${code}` };
    loaded(false);
    options.onGone();
    finish(ended ?? { ok: false, ...failure });
  });

  function receive(message: WorkerMessage): void {
    if (message.type === "ready") {
      options.onReady(message.milliseconds);
      loaded(true);
    } else if (message.type === "log") {
      for (const line of linesOf(definition.name, message)) options.onLog(line);
    } else if (message.type === "fatal") {
      failure = { errorType: message.errorType, message: message.message };
    } else if (message.type === "error") {
      finish({ ok: false, errorType: message.errorType, message: message.message });
    } else {
      finish({ ok: true, payload: JSON.parse(message.payload) });
    }
  }

  function finish(result: InvocationResult): void {
    const settled = pending;
    pending = undefined;
    settled?.settle(result);
  }

  async function invoke(payload: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    const result = new Promise<InvocationResult>((settle) => {
      pending = { settle };
    });
    const initialised = await within(INIT_LIMIT_MILLISECONDS, ready);
    if (initialised === undefined) await end(timedOut(requestId, INIT_LIMIT_MILLISECONDS / 1000));
    if (!initialised) return await result;
    const limit = definition.timeoutSeconds * 1000;
    const timer = setTimeout(() => {
      const message = timedOut(requestId, definition.timeoutSeconds);
      options.onLog({ functionName: definition.name, requestId, stream: "stdout", line: message.message });
      void end(message);
    }, limit);
    worker.postMessage({ payload, context: contextOf(definition, requestId), deadline: Date.now() + limit });
    return await result.finally(() => clearTimeout(timer));
  }

  async function end(result?: InvocationResult): Promise<void> {
    // The result is given when the thread is gone ("exit"): nobody may choose it for the next invocation meanwhile.
    ended ??= result;
    await worker.terminate();
  }

  return { invoke, end };
}

function startWorker(options: EnvironmentOptions): Worker {
  const { definition } = options;
  const worker = new Worker(BOOTSTRAP, {
    name: definition.name,
    env: options.variables,
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    // A net, not a wall: the limits cover V8's heap, not Buffers, and V8 checks them between its own built-ins only. The
    // young generation holds what a batch of ten needs at a time: with a third of it a message costs a fifth more.
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMegabytes, maxYoungGenerationSizeMb: 24 },
    workerData: {
      file: definition.file,
      handler: definition.handler,
      exportName: definition.exportName,
      clockOffset: options.clockOffset,
      compileCache: options.compileCache,
    },
  });
  forwardRest(worker, options);
  return worker;
}

/** What the bootstrap does not catch (Node's own warnings and fatal errors) still comes through the streams. */
function forwardRest(worker: Worker, options: EnvironmentOptions): void {
  for (const stream of ["stdout", "stderr"] as const) {
    worker[stream].on("data", (chunk) => {
      for (const line of linesOf(options.definition.name, { stream, text: String(chunk) }))
        options.onLog(line);
    });
  }
}

function contextOf(definition: FunctionDefinition, requestId: string): Record<string, string> {
  return {
    awsRequestId: requestId,
    functionName: definition.name,
    functionVersion: "$LATEST",
    invokedFunctionArn: definition.arn,
    memoryLimitInMB: String(definition.memoryMegabytes),
    logGroupName: `/aws/lambda/${definition.name}`,
    logStreamName: "embedded",
  };
}

function timedOut(requestId: string, seconds: number): InvocationResult & { ok: false } {
  const message = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return { ok: false, errorType: "Sandbox.Timedout", message };
}

/** What the promise gives within the limit, else undefined. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
