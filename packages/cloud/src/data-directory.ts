import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";

/** The data directory cannot be made, or not be written to. */
export class DataDirectoryError extends Error {
  readonly code = "DATA_DIRECTORY";

  constructor(directory: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${directory} cannot be used to keep data: ${why}. Choose another directory with --data.`, {
      cause,
    });
    this.name = "DataDirectoryError";
  }
}

/** Makes the directory where it is missing; throws a DataDirectoryError unless one can write to it. */
export async function ensureDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataDirectoryError(directory, error);
  }
}
