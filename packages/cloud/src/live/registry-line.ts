import { shortDigest } from "@tallyman/domain/image/digest";
import type { BusEvent } from "../events/bus-event.ts";
import type { LiveLine } from "./live-line.ts";
import { serviceLine } from "./service-line.ts";

/** An API call is no news, nor is a restored image's second event: what came of them, other events tell. */
export function isNews(event: BusEvent): boolean {
  return !event["detail-type"].endsWith("via CloudTrail") || serviceLine(event, new Date(0)) !== undefined;
}

/** What a registry's event says to people: which image, where, what happened. */
export function registryLine(event: BusEvent, at: Date): LiveLine {
  const { detail, account, region } = event;
  const service = serviceLine(event, at);
  if (service) return service;
  const from = detail["source-region"]
    ? { from: `${text(detail["source-account"])}/${text(detail["source-region"])}` }
    : {};
  return {
    at,
    level: levelOf(event),
    source: "registry",
    message: text(detail["action-type"]).toLowerCase() || event["detail-type"],
    fields: {
      repository: text(detail["repository-name"]),
      tag: text(detail["image-tag"]),
      digest: shortDigest(text(detail["image-digest"])),
      registry: `${account}/${region}`,
      ...from,
    },
  };
}

/** A copy that arrived is told by the function that looked for it. */
function levelOf({ detail }: BusEvent): LiveLine["level"] {
  if (detail["result"] !== "SUCCESS") return "warn";
  return detail["source-region"] ? "debug" : "info";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
