import type { ReconcileDeps } from "./deps.ts";

/** Writes down that something failed. If even that fails, what failed first is still what the message fails of. */
export async function noting(
  { telemetry }: Pick<ReconcileDeps, "telemetry">,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    telemetry.log.warn("failure not noted", { error });
  }
}
