/** No dead-letter queue of this name is declared. */
export class DeadLetterQueueNotFoundError extends Error {
  readonly code = "DEAD_LETTER_QUEUE_NOT_FOUND";
  readonly declared: readonly string[];

  constructor(name: string, declared: readonly string[]) {
    super(`There is no dead-letter queue "${name}"; the queues are ${declared.join(", ")}.`);
    this.name = "DeadLetterQueueNotFoundError";
    this.declared = declared;
  }
}

/** SQS allows one move per queue at a time. */
export class RedriveRunningError extends Error {
  readonly code = "REDRIVE_RUNNING";

  constructor(name: string, options?: ErrorOptions) {
    super(`The messages of "${name}" are being moved back already; wait for that to end.`, options);
    this.name = "RedriveRunningError";
  }
}
