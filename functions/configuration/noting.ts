import type { Telemetry } from "@tallyman/observability/telemetry";

/** Writes down that something failed. If even that fails, what failed first is still what the message fails of. */
export async function noting(
  { telemetry }: { readonly telemetry: Telemetry },
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    telemetry.log.warn("failure not noted", { error });
  }
}
