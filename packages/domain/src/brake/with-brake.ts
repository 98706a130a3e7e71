import type { BrakeStore } from "../inventory/ports.ts";

/** The brake is on, or could not be read: nothing may be written to any registry now. */
export class BrakeOnError extends Error {
  readonly code = "BRAKE_ON";

  constructor(reason: string, options?: ErrorOptions) {
    super(`No registry is written to while Tallyman is paused: ${reason}`, options);
    this.name = "BrakeOnError";
  }
}

/**
 * Does one write to a registry if the brake, read right before it, is off. Throws BrakeOnError otherwise, also when the
 * brake cannot be read.
 */
export async function withBrake<T>(brakes: BrakeStore, write: () => Promise<T>): Promise<T> {
  const brake = await brakes.readBrake().catch((cause: unknown) => {
    throw new BrakeOnError("the brake cannot be read", { cause });
  });
  if (brake.on) throw new BrakeOnError(brake.reason);
  return write();
}
