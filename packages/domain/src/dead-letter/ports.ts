/** One dead-letter queue: where messages lie that a function could not process. */
export type DeadLetterQueue = {
  readonly name: string;
  /** SQS's approximate count of visible messages. */
  readonly messages: number;
};

/** One move of a dead-letter queue's messages back to where they came from; SQS keeps the ten latest per queue. */
export type Redrive = {
  readonly state: "running" | "completed" | "cancelling" | "cancelled" | "failed";
  readonly startedAt: string;
  readonly moved: number;
  /** Approximate number at the start; absent where SQS does not say. */
  readonly toMove?: number;
  readonly failureReason?: string;
};

/** The declared dead-letter queues. Every method throws when SQS cannot be asked; none turns that into an empty answer. */
export type DeadLetterQueues = {
  /** All declared queues by name, with their counts. */
  list(): Promise<readonly DeadLetterQueue[]>;
  /** Starts the move and returns its handle; throws DeadLetterQueueNotFoundError, RedriveRunningError. */
  redrive(name: string): Promise<{ readonly task: string }>;
  /** The latest moves of a queue, newest first; throws DeadLetterQueueNotFoundError. */
  listRedrives(name: string): Promise<readonly Redrive[]>;
};
