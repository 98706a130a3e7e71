/** Far more than any condition takes on a machine that does nothing else: a busy one must not turn a test red. */
const DEADLINE_MS = 180_000;
/** Between two looks: the looks run on the same cores as what is looked at. */
const PAUSE_MS = 50;

/** Waits for a condition, never for a duration: polls until `probe` gives something other than undefined or false. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`still not so after ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
