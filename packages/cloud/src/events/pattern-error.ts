/**
 * An event pattern that AWS would refuse, or an operator that this cloud does not know: the start stops, because a
 * rule that silently never matches loses events.
 */
export class EventPatternError extends Error {
  readonly code = "InvalidEventPatternException";

  constructor(path: readonly string[], problem: string) {
    super(`Event pattern is not valid at ${path.join(".") || "the top"}: ${problem}`);
    this.name = "EventPatternError";
  }
}
