/** EventBridge's state of a rule that also hears of calls that only read. */
export const ENABLED_WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/** A rule on a member's default bus that forwards to the hub's bus. */
export type ForwardingRule = {
  /** Its fixed name, so that it can be looked at without knowing the member stack's state. */
  readonly name: string;
  readonly state: "ENABLED" | typeof ENABLED_WITH_READS;
};

/**
 * What the member stack puts on the default bus of each registry: ECR's own events, calls that change images, the service events
 * of lifecycle runs, which CloudTrail marks as reads, and ECS's of tasks that run or stopped.
 */
export const FORWARDING_RULES: readonly ForwardingRule[] = [
  { name: "tallyman-forward", state: "ENABLED" },
  { name: "tallyman-forward-calls", state: "ENABLED" },
  { name: "tallyman-forward-service-events", state: ENABLED_WITH_READS },
  { name: "tallyman-forward-usage", state: "ENABLED" },
];
