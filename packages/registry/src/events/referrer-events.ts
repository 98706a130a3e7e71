import type { Switches } from "../core/switches.ts";
import type { EcrEvent } from "../ecr-event.ts";

/** E7: the event or events that tell of a manifest with a subject; any other event as it is. */
export function referrerEvents(
  event: EcrEvent,
  switches: Pick<Switches, "referrerEvents">,
): readonly EcrEvent[] {
  if (event.detailType !== "ECR Referrer Action") return [event];
  const asImage = { ...event, detailType: "ECR Image Action" };
  switch (switches.referrerEvents) {
    case "referrer":
      return [event];
    case "image":
      return [asImage];
    case "both":
      return [event, asImage];
  }
}
