import type { KnownBlock, PlainTextElement } from "@slack/types";
import type { Notice } from "@tallyman/domain/notice/notice";
import { slackText } from "./slack-text.ts";

/** What `chat.postMessage` gets. Formatting, mentions, links and previews are off; texts are escaped and bounded. */
export type SlackMessage = {
  readonly channel: string;
  /** For notifications and for clients that show no blocks. */
  readonly text: string;
  readonly blocks: KnownBlock[];
};

/** Slack's limits: header 150, section text 3000, section field 2000, ten fields, text recommended below 4000. */
const LIMITS = { header: 150, section: 3000, field: 2000, fields: 10, text: 3000 } as const;

const NEXT: Readonly<Record<Notice["kind"], string>> = {
  violation:
    "What to do: push the image under a tag that the rule allows, or change the rule in tallyman.yaml. `tallyman history` shows where the tag has been.",
  "replica-overdue":
    "What to do: look at the registry's replication rules and the destination's permissions. `tallyman replicas --overdue` lists all that are late.",
  "replica-failed":
    "What to do: read the failure code, correct the destination, then push the tag again: ECR does not retry. `tallyman replicas --overdue` lists all of them.",
  "usage-suspect":
    "What to do: look at what really runs there. If the report is right, `tallyman usage accept` believes it; if not, mend the source. `tallyman usage status` says what it blocks.",
};

/** A notice as a Slack message: title, reason, fields, what to do next. */
export function slackMessage(notice: Notice): SlackMessage {
  const fields = notice.fields
    .slice(0, LIMITS.fields)
    .map(({ name, value }) => plain(`${name}: ${value}`, LIMITS.field));
  return {
    channel: notice.channel,
    text: slackText(`${notice.title}: ${notice.reason}`, LIMITS.text),
    blocks: [
      { type: "header", text: plain(notice.title, LIMITS.header) },
      { type: "section", text: plain(notice.reason || notice.title, LIMITS.section) },
      ...(fields.length === 0 ? [] : [{ type: "section" as const, fields }]),
      { type: "context", elements: [plain(NEXT[notice.kind], LIMITS.section)] },
    ],
  };
}

/** Never `mrkdwn`: text from an image or a policy must not become formatting, a mention or a link. */
function plain(text: string, limit: number): PlainTextElement {
  return { type: "plain_text", text: slackText(text, limit) || "-", emoji: false };
}
