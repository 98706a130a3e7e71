/** What a file system says when it has no room: none left, a quota, or the process's own file size limit. */
const FILE_CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const SQLITE_FULL = 13;

export const DISK_FULL =
  "The registry's disk is full. Nothing of this request was stored, what was stored before is unharmed; free some space " +
  "and repeat it.";

/** Was this thrown because there is no room for what was to be written? */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && FILE_CODES.has(error.code)) return true;
  return "errcode" in error && Number(error.errcode) === SQLITE_FULL;
}
