/** Exit codes: what a script that calls the command can rely on. */
export const EXIT = { ok: 0, problem: 1, usage: 2 } as const;

/** Something went wrong that the message explains, with what to do next; no stack is shown. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.name = "CommandError";
    this.exitCode = options.exitCode ?? EXIT.problem;
  }
}

/** The command was called in a way that makes no sense. */
export class UsageError extends CommandError {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { ...options, exitCode: EXIT.usage });
    this.name = "UsageError";
  }
}
