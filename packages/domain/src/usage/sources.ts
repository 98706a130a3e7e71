/** Sources that we collect ourselves: one scope for each declared registry, `111122223333/us-east-1`. */
export const COLLECTED_SOURCES = ["ecs", "lambda", "inspector"] as const;
export type CollectedSource = (typeof COLLECTED_SOURCES)[number];

/** Tells of tasks as they start and stop. It completes nothing, so that nobody waits for it. */
export const EVENTS_SOURCE = "ecs-events";

/** Names that the policy cannot give to a source of its own. */
export const RESERVED_SOURCES: readonly string[] = [...COLLECTED_SOURCES, EVENTS_SOURCE];
