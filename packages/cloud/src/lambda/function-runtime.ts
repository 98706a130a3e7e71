/** What an invocation answers: the function's JSON value, or the error that Lambda would report. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly errorType: string; readonly message: string };

/**
 * Runs Lambda functions. `kind` says who waits: `request` for a synchronous caller (HTTP API, Invoke), `mapping` for an
 * event source mapping. Never rejects: whatever goes wrong is an `ok: false` with Lambda's own `errorType`
 * (`Sandbox.Timedout`, `Runtime.ExitError`, `Function.ResponseSizeTooLarge`, the thrown error's name, ...).
 */
export type FunctionRuntime = {
  invoke(functionArn: string, payload: unknown, kind: "request" | "mapping"): Promise<InvocationResult>;
};
