/** What goes wrong; counted by what happened. */
export const FAULTS = [
  "event dropped",
  "event duplicated",
  "event delayed",
  "events reordered",
  "dynamodb throttled",
  "ecr throttled",
  "sqs throttled",
  "worker killed before a call",
  "worker killed after a call",
  "message failed",
  "page incomplete",
] as const;
export type Fault = (typeof FAULTS)[number];

/** Shares of events and of calls, 0 to 1. */
export type Rates = {
  readonly drop: number;
  readonly duplicate: number;
  readonly delay: number;
  readonly throttle: number;
  readonly kill: number;
};

export const STORM: Rates = { drop: 0.1, duplicate: 0.1, delay: 0.2, throttle: 0.2, kill: 0.004 };
/** All that is told is heard, if late and twice. */
export const HEARD: Rates = { ...STORM, drop: 0 };
export const CALM: Rates = { drop: 0, duplicate: 0, delay: 0, throttle: 0, kill: 0 };
