import type { ApiClient } from "./api/client.ts";
import type { Terminal } from "./output/terminal.ts";

/** What every command is given. */
export type Context = {
  readonly api: ApiClient;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Full digests and every column. */
  readonly wide: boolean;
  /** How many items are listed at most; Infinity: all. */
  readonly limit: number;
};
