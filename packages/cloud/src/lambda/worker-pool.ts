import type { CloudClock } from "../clock/cloud-clock.ts";
import type { RoleCredentials } from "./environment.ts";
import type { FunctionDefinition } from "./function-definition.ts";
import { type FunctionPool, functionPool } from "./function-pool.ts";
import type { FunctionRuntime, InvocationResult } from "./function-runtime.ts";
import type { InitDuration } from "./pool-settings.ts";
import type { LogLine } from "./worker-messages.ts";

export type WorkerPoolOptions = {
  readonly clock: CloudClock;
  /** `http://127.0.0.1:<port>`: where the functions find AWS. Asked when a worker starts. */
  readonly endpoint: () => string;
  /** Session credentials of a function's role, as AssumeRole gives them to the Lambda service. */
  readonly credentialsFor: (roleArn: string) => RoleCredentials | Promise<RoleCredentials>;
  /** Every line that a function writes, in order and before the result of its invocation. */
  readonly onLog?: (line: LogLine) => void;
  /** A fault that is switched on: asked for each invocation, whether its worker dies in the middle of it. */
  readonly killsWorker?: (functionName: string) => boolean;
  /** A folder for V8's compiled code. */
  readonly compileCache?: string;
  /** Per function, default 4. */
  readonly maxWorkers?: number;
  /** Default 60 s. */
  readonly idleMilliseconds?: number;
};

export type WorkerPool = FunctionRuntime & {
  declare(definition: FunctionDefinition): void;
  /** Ends a worker of this function, a busy one first: its invocation fails. False when none runs. */
  killWorker(functionName: string): Promise<boolean>;
  /** Ends every worker, those that are busy after their invocation: nothing that a function keeps in memory survives. */
  recycle(): Promise<void>;
  /** The last 1,000 loads of a bundle, oldest first. */
  initDurations(): readonly InitDuration[];
  /** Invocations that run right now. */
  busy(): number;
  /** Lets running invocations end for up to `graceMilliseconds` (default 2,000), then ends every worker. */
  stop(graceMilliseconds?: number): Promise<void>;
};

const KEPT_INITS = 1_000;
/** Lambda's limit for a synchronous payload, either way. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;

/** Runs functions in worker threads; see `FunctionRuntime`. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const pools = new Map<string, { readonly name: string; readonly pool: FunctionPool }>();
  const inits: InitDuration[] = [];
  const running = new Set<Promise<InvocationResult>>();
  const settings = {
    endpoint: options.endpoint,
    credentialsFor: options.credentialsFor,
    now: () => options.clock.now(),
    clockOffset: options.clock.offset,
    onLog: options.onLog ?? (() => {}),
    onInit: (init: InitDuration) => {
      inits.push(init);
      if (inits.length > KEPT_INITS) inits.shift();
    },
    compileCache: options.compileCache,
    killsWorker: options.killsWorker ?? (() => false),
    maxWorkers: options.maxWorkers ?? 4,
    idleMilliseconds: options.idleMilliseconds ?? 60_000,
  };

  function declare(definition: FunctionDefinition): void {
    if (pools.has(definition.arn)) throw new Error(`Function ${definition.arn} is declared twice`);
    pools.set(definition.arn, { name: definition.name, pool: functionPool(definition, settings) });
  }

  async function invoke(functionArn: string, payload: unknown): Promise<InvocationResult> {
    const found = pools.get(functionArn);
    if (!found) return failed("ResourceNotFoundException", `Function not found: ${functionArn}`);
    const text = JSON.stringify(payload ?? null);
    if (Buffer.byteLength(text) > MAX_REQUEST_BYTES) {
      return failed(
        "RequestEntityTooLargeException",
        `Request must be smaller than ${MAX_REQUEST_BYTES} bytes`,
      );
    }
    const invocation = found.pool
      .invoke(text)
      .catch((error: unknown) => failed("ServiceException", String(error)));
    running.add(invocation);
    return await invocation.finally(() => running.delete(invocation));
  }

  async function killWorker(functionName: string): Promise<boolean> {
    for (const { name, pool } of pools.values()) {
      if (name === functionName) return await pool.kill();
    }
    return false;
  }

  async function recycle(): Promise<void> {
    await Promise.all([...pools.values()].map(({ pool }) => pool.recycle()));
  }

  async function stop(graceMilliseconds = 2_000): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMilliseconds);
    });
    await Promise.race([Promise.all(running), grace]);
    clearTimeout(timer);
    await Promise.all([...pools.values()].map(({ pool }) => pool.stop()));
  }

  const busy = () => [...pools.values()].reduce((sum, { pool }) => sum + pool.busy(), 0);
  return { declare, invoke, killWorker, recycle, initDurations: () => inits, busy, stop };
}

function failed(errorType: string, message: string): InvocationResult {
  return { ok: false, errorType, message };
}
