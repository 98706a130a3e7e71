/** Counted from 1. */
export type Position = { readonly line: number; readonly column: number };

/** One thing wrong in a file, where a person can find it. */
export type SourceProblem = Position & { readonly message: string };

/** A file that a person wrote and that cannot be used as it stands; the message names every place. */
export class SourceFileError extends Error {
  readonly code = "SOURCE_FILE_INVALID";
  readonly file: string;
  readonly problems: readonly SourceProblem[];

  constructor(file: string, problems: readonly SourceProblem[], options?: ErrorOptions) {
    super(problems.map((it) => `${file}:${it.line}:${it.column}: ${it.message}`).join("\n"), options);
    this.name = "SourceFileError";
    this.file = file;
    this.problems = problems;
  }
}
