/** The stored listing is damaged, or newer than this version knows: it is no fact, and can be counted anew. */
export class UnreadableListingError extends Error {
  readonly code = "UNREADABLE_LISTING";

  constructor(name: string, options?: ErrorOptions) {
    super(`The listing of ${name} cannot be read; the next count of the repository writes it anew.`, options);
    this.name = "UnreadableListingError";
  }
}
