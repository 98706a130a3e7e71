import * as z from "zod";
import { Blocks } from "./block-limits.ts";
import type { NewMessage, SlackMessages } from "./slack-messages.ts";

/** What a call carries: form fields or JSON members, all as Slack reads them. */
export type SlackArguments = Readonly<Record<string, unknown>>;

/** Slack answers refusals with status 200 and `ok: false`. */
export type SlackAnswer = {
  readonly ok: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
};

/** The longest text of a message; Slack cuts there or refuses. */
const LONGEST_TEXT = 40_000;
const BOT = { team_id: "T0EMBEDDED", user_id: "U0EMBEDDED", bot_id: "B0EMBEDDED" };

/** Answers one method of Slack's Web API, for a caller with this token. */
export function callSlack(
  messages: SlackMessages,
  method: string,
  call: { readonly token: string | undefined; readonly fields: SlackArguments },
): SlackAnswer {
  if (!call.token) return refused("not_authed");
  if (!/^xox[abp]-/.test(call.token)) return refused("invalid_auth");
  if (method === "auth.test")
    return { ok: true, url: "http://localhost/", team: "embedded", user: "tester", ...BOT };
  if (method === "chat.postMessage") return withMessage(call.fields, (message) => posted(messages, message));
  if (method === "chat.update") {
    return withMessage(call.fields, (message) => updated(messages, String(call.fields["ts"] ?? ""), message));
  }
  return refused("unknown_method");
}

function posted(messages: SlackMessages, message: NewMessage): SlackAnswer {
  const { ts, channel, text, blocks, threadTs } = messages.post(message);
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  return {
    ok: true,
    channel,
    ts,
    message: { type: "message", ts, text, blocks, ...thread, bot_id: BOT.bot_id },
  };
}

function updated(messages: SlackMessages, ts: string, message: NewMessage): SlackAnswer {
  const found = messages.update(ts, message);
  return found ? { ok: true, channel: found.channel, ts, text: found.text } : refused("message_not_found");
}

/** Reads a message or says in Slack's words what is wrong with it. */
function withMessage(fields: SlackArguments, use: (message: NewMessage) => SlackAnswer): SlackAnswer {
  const channel = z.string().safeParse(fields["channel"]).data?.trim() ?? "";
  if (channel === "") return refused("channel_not_found");
  const text = String(fields["text"] ?? "");
  const blocks = readBlocks(fields["blocks"]);
  if (!blocks) return refused("invalid_blocks");
  if (text === "" && blocks.length === 0) return refused("no_text");
  if (text.length > LONGEST_TEXT) return refused("msg_too_long");
  const threadTs = fields["thread_ts"] === undefined ? undefined : String(fields["thread_ts"]);
  return use({ channel, text, blocks, threadTs });
}

/** A form carries blocks as JSON text. Undefined: they are none. */
function readBlocks(given: unknown): readonly unknown[] | undefined {
  if (given === undefined || given === "") return [];
  try {
    return Blocks.safeParse(typeof given === "string" ? JSON.parse(given) : given).data;
  } catch {
    return undefined;
  }
}

function refused(error: string): SlackAnswer {
  return { ok: false, error };
}
