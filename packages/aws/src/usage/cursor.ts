import type * as z from "@tallyman/domain/zod";

/** Where to go on is not what this version writes: another version did, and the collection begins anew with the next run. */
export class UnreadableCursorError extends Error {
  readonly code = "UNREADABLE_CURSOR";

  constructor(options: ErrorOptions) {
    super(
      "Where the collection was to go on cannot be read by this version; the next run begins anew.",
      options,
    );
    this.name = "UnreadableCursorError";
  }
}

/** Reads what `writeCursor` wrote, also in another process; throws UnreadableCursorError. */
export function readCursor<T>(schema: z.ZodMiniType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnreadableCursorError({ cause });
  }
}

export function writeCursor(cursor: object): string {
  return JSON.stringify(cursor);
}
