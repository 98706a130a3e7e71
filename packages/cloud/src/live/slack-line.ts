import type { SlackMessage } from "../slack-sink/slack-messages.ts";
import type { LiveLine } from "./live-line.ts";

/** A message that Slack's local stand-in received; that it was posted is told by whoever posted it. */
export function slackLine({ channel, text }: SlackMessage): Omit<LiveLine, "at"> {
  return { level: "debug", source: "slack", message: text, fields: { channel } };
}
