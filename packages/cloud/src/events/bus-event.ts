import type { Json } from "./json.ts";

/** An event in EventBridge's envelope; `time` in seconds, ISO 8601. */
export type BusEvent = {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: { readonly [key: string]: Json };
};

/** `2026-11-16T01:54:34Z` */
export function eventTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
