import { shortDigest } from "@tallyman/domain/image/digest";
import type { BusEvent } from "../events/bus-event.ts";
import type { LiveLine } from "./live-line.ts";

/** What a registry's event says to people: which image, where, what happened. */
export function registryLine(event: BusEvent, at: Date): LiveLine {
  const { detail, account, region } = event;
  const tag = text(detail["image-tag"]);
  const repository = text(detail["repository-name"]);
  const from = detail["source-region"]
    ? { from: `${text(detail["source-account"])}/${text(detail["source-region"])}` }
    : {};
  return {
    at,
    level: detail["result"] === "SUCCESS" ? "info" : "warn",
    source: text(detail["action-type"]).toLowerCase() || event["detail-type"],
    message: tag ? `${repository}:${tag}` : repository,
    fields: {
      digest: shortDigest(text(detail["image-digest"])),
      registry: `${account}/${region}`,
      ...from,
    },
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
