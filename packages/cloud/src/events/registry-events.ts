import { randomUUID } from "node:crypto";
import type { EcrEvent } from "@tallyman/registry/ecr-event";
import type { Timers } from "../clock/timers.ts";
import type { Faults } from "../faults/faults.ts";
import { type BusEvent, eventTime } from "./bus-event.ts";
import type { EventBuses } from "./event-buses.ts";
import type { Json } from "./json.ts";

export type RegistryEvents = {
  /**
   * Puts what a service (`aws.ecr` unless said) emits on the default bus of its account and Region, as often and as late as
   * faults say.
   */
  publish(event: EcrEvent, source?: string): void;
  /** Events that are delayed. */
  pending(): number;
};

export function createRegistryEvents(deps: {
  readonly buses: EventBuses;
  readonly timers: Timers;
  readonly faults: Faults;
  readonly onEvent?: (event: BusEvent) => void;
}): RegistryEvents {
  let pending = 0;

  function publish(emitted: EcrEvent, source = "aws.ecr"): void {
    const event = inEnvelope(emitted, source);
    const options = { readOnly: emitted.readOnly ?? false };
    deps.onEvent?.(event);
    const busArn = `arn:aws:events:${event.region}:${event.account}:event-bus/default`;
    for (const delay of deps.faults.delivery(event["detail-type"])) {
      if (delay <= 0) deps.buses.put(busArn, event, options);
      else {
        pending += 1;
        deps.timers.after(delay, () => {
          pending -= 1;
          deps.buses.put(busArn, event, options);
        });
      }
    }
  }

  return { publish, pending: () => pending };
}

function inEnvelope(
  { account, region, detailType, time, resources, detail }: EcrEvent,
  source: string,
): BusEvent {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source,
    account,
    time: eventTime(time),
    region,
    resources,
    detail: detail as { readonly [key: string]: Json },
  };
}
