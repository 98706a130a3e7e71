/**
 * Faults that can be switched on (`POST /_embedded/faults`). A service asks at its border, before it does anything.
 * Deterministic: the generator behind `rate` is seeded.
 */
export type Faults = {
  /**
   * `operation` is `<service>:<Operation>` (`dynamodb:PutItem`, `slack:chat.postMessage`). Undefined: carry on.
   * Otherwise answer this error instead. `registry`: whose calls these are, `account/region`, where a service tells.
   */
  failure(
    operation: string,
    registry?: string,
  ): { readonly status: number; readonly code: string; readonly retryAfter?: number } | undefined;
  /** What to do with an event that a registry emits: how many copies, and after how long each (milliseconds). */
  delivery(detailType: string): readonly number[];
};
