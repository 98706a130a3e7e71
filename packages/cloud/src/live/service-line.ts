import * as z from "zod";
import type { BusEvent } from "../events/bus-event.ts";
import type { LiveLine } from "./live-line.ts";

const Detail = z.looseObject({
  eventName: z.string(),
  serviceEventDetails: z.looseObject({
    repositoryName: z.string(),
    lifecycleEventImageActions: z.array(z.unknown()),
    lifecycleEventFailureDetails: z.array(z.unknown()),
  }),
});

/** A lifecycle run or preview, from CloudTrail's event; nothing for any other event. One without effect is for debugging. */
export function serviceLine(event: BusEvent, at: Date): LiveLine | undefined {
  const { success, data } = Detail.safeParse(event.detail);
  if (!success) return undefined;
  const { repositoryName, lifecycleEventImageActions, lifecycleEventFailureDetails } =
    data.serviceEventDetails;
  const [acted, failed] = [lifecycleEventImageActions.length, lifecycleEventFailureDetails.length];
  return {
    at,
    level: failed > 0 ? "warn" : acted > 0 ? "info" : "debug",
    source: "registry",
    message: data.eventName === "DryRunEvent" ? "preview" : "lifecycle",
    fields: {
      repository: repositoryName,
      registry: `${event.account}/${event.region}`,
      images: acted,
      ...(failed > 0 ? { failed } : {}),
    },
  };
}
