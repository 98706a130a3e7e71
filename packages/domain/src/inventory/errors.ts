/** Another writer was first: what was read before the write is no longer current. Read again, decide again. */
export class FenceConflictError extends Error {
  readonly code = "FENCE_CONFLICT";
  /** The record's kind and natural key, for the log. */
  readonly subject: string;

  constructor(subject: string, options?: ErrorOptions) {
    super(`${subject} was written by someone else since it was read; read it again.`, options);
    this.name = "FenceConflictError";
    this.subject = subject;
  }
}

/** The stored item is not one that this version can read (a newer `schemaVersion`, or damaged). Never guessed at. */
export class UnreadableRecordError extends Error {
  readonly code = "UNREADABLE_RECORD";

  constructor(subject: string, options?: ErrorOptions) {
    super(
      `${subject} cannot be read by this version; deploy the version that wrote it, or restore the item.`,
      options,
    );
    this.name = "UnreadableRecordError";
  }
}
