import { FenceConflictError } from "../inventory/errors.ts";
import type { AuditTrail, BrakeStore } from "../inventory/ports.ts";
import type { Brake } from "./brake.ts";

export type BrakeRequest = {
  readonly on: boolean;
  readonly reason: string;
  /** The principal's ARN. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
};

const ATTEMPTS = 5;

/**
 * Sets the brake and returns it as it then stands; asking for what already holds, with the same reason, writes nothing.
 * The audit trail says what is about to happen before it happens, and closes that entry afterwards. Pausing wins over
 * whoever writes at the same time. Resuming does not: a pause that came in between was made for a reason its author
 * never saw, so it throws FenceConflictError, as pausing does after five lost races.
 */
export async function setBrake(
  stores: { readonly brake: BrakeStore; readonly audit: AuditTrail },
  request: BrakeRequest,
): Promise<Brake> {
  const attempts = request.on ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    const current = await stores.brake.readBrake();
    if (current.on === request.on && current.reason === request.reason) return current;
    const next: Brake = { ...request, version: current.version + 1 };
    const note = (action: string, sequence: number) => record(stores.audit, next, { action, sequence });
    await note("brake.set-requested", 2 * attempt - 2);
    try {
      await stores.brake.putBrake(next);
    } catch (error) {
      if (!(error instanceof FenceConflictError)) throw error;
      await note("brake.set-refused", 2 * attempt - 1);
      if (attempt >= attempts) throw error;
      continue;
    }
    await note("brake.set", 2 * attempt - 1);
    return next;
  }
}

async function record(
  audit: AuditTrail,
  brake: Brake,
  { action, sequence }: { readonly action: string; readonly sequence: number },
): Promise<void> {
  await audit.append({
    id: `${action}#${brake.version}#${brake.by}`,
    at: brake.at,
    sequence,
    actor: brake.by,
    action,
    subject: "brake",
    reason: brake.reason,
    details: { on: brake.on, version: brake.version },
  });
}
