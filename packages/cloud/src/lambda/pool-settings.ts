import type { RoleCredentials } from "./environment.ts";
import type { InvocationResult } from "./function-runtime.ts";
import type { LogLine } from "./worker-messages.ts";

/** How long one environment took to load its bundle, in milliseconds. */
export type InitDuration = { readonly functionName: string; readonly milliseconds: number };

export type PoolSettings = {
  /** `http://127.0.0.1:<port>`: where the functions find AWS. Asked when a worker starts. */
  readonly endpoint: () => string;
  readonly credentialsFor: (roleArn: string) => RoleCredentials | Promise<RoleCredentials>;
  readonly now: () => Date;
  readonly clockOffset: SharedArrayBuffer;
  readonly onLog: (line: LogLine) => void;
  readonly onInit: (init: InitDuration) => void;
  readonly compileCache: string | undefined;
  /** Asked for each invocation: whether its worker dies in the middle of it. */
  readonly killsWorker: (functionName: string) => boolean;
  /** Workers per function; an invocation more waits its turn. */
  readonly maxWorkers: number;
  /** A worker without work for this long ends. */
  readonly idleMilliseconds: number;
};

/** Long enough that an invocation has begun its work. */
export const KILLED_AFTER_MILLISECONDS = 20;
export const KILLED: InvocationResult = {
  ok: false,
  errorType: "Runtime.ExitError",
  message: "Runtime exited with error: signal: killed",
};
export const STOPPED: InvocationResult = {
  ok: false,
  errorType: "ServiceException",
  message: "The cloud is stopping.",
};
