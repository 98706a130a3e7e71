import type { Notice } from "@tallyman/domain/notice/notice";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aNotice } from "../../test/builders/due.ts";
import { aViolationRecord } from "../../test/builders/records.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { memoryInventory } from "../../test/fakes/memory-inventory.ts";
import { memoryNoticeLog } from "../../test/fakes/memory-notice-log.ts";
import { recordedTelemetry } from "../../test/fakes/recorded-telemetry.ts";
import { type SlackServer, startSlackServer } from "../../test/support/slack-server.ts";
import { createHandler } from "./handler.ts";
import { slackPoster } from "./slack-poster.ts";

let slack: SlackServer;
beforeEach(async () => {
  slack = await startSlackServer();
});
afterEach(() => slack.close());

/** The function over memory stores, the real Slack client and a clock that moves only by waiting. */
function setUp(token = "xoxb-secret") {
  const inventory = memoryInventory();
  const notices = memoryNoticeLog();
  const telemetry = recordedTelemetry();
  const waits: number[] = [];
  const returns: [string, number][] = [];
  const tokens = [token];
  let now = Date.parse("2026-11-21T12:00:00.000Z");
  const readToken = async () => tokens.at(-1) ?? "";
  const deps = {
    violations: inventory.violations,
    notices,
    telemetry,
    slack: slackPoster({ apiUrl: slack.url, tokenParameter: "/tallyman/slack-token", readToken }),
    redelivery: { after: async (receipt: string, seconds: number) => void returns.push([receipt, seconds]) },
    now: () => new Date(now),
    wait: async (milliseconds: number) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
  const handler = createHandler(deps);
  const remaining = { milliseconds: 60_000 };
  const context = { ...aLambdaContext("notify"), getRemainingTimeInMillis: () => remaining.milliseconds };
  const run = async (...messages: readonly (Notice | string)[]) => {
    const queued = messages.map((body) => ({ body, group: typeof body === "string" ? "#x" : body.channel }));
    const { batchItemFailures } = await handler(anSqsEvent(...queued), context);
    return batchItemFailures.map((it) => it.itemIdentifier);
  };
  return { inventory, notices, telemetry, waits, returns, tokens, deps, remaining, run };
}

const numbered = (n: number, overrides: Partial<Notice> = {}) =>
  aNotice({ key: `notice-${n}`, ...overrides });

test("a notice is posted with the token to its channel, without any formatting of Slack's", async () => {
  const { run } = setUp();
  expect(await run(aNotice())).toEqual([]);
  expect(slack.posted).toMatchObject([{ token: "xoxb-secret", channel: "#registry" }]);
  const fields = Object.fromEntries(slack.posted[0]?.fields ?? []);
  expect(fields).toMatchObject({
    mrkdwn: "false",
    parse: "none",
    link_names: "false",
    unfurl_links: "false",
  });
});

test("the same notice is posted once, however often it comes", async () => {
  const { run, notices } = setUp();
  await run(aNotice());
  await run(aNotice(), aNotice());
  expect(slack.posted).toHaveLength(1);
  expect([...notices.marks.keys()]).toEqual([aNotice().key]);
});

test("a violation's record says that people were told, and nobody is told twice", async () => {
  const { run, inventory } = setUp();
  const record = aViolationRecord();
  await inventory.violations.putViolation(record);
  const { account, region, repository, rule, digest, tag } = record;
  const violation = { account, region, repository, rule, digest, tag };
  await run(aNotice({ violation, at: record.openedAt }));
  expect(await inventory.violations.findViolation(violation)).toMatchObject({
    noticedAt: "2026-11-21T12:00:00.000Z",
    version: 2,
  });
  await run(aNotice({ violation, at: record.openedAt }));
  expect(slack.posted).toHaveLength(1);
});

test("a violation that closed before anybody was told is not told any more", async () => {
  const { run, inventory } = setUp();
  const { account, region, repository, rule, digest, tag, ...rest } = aViolationRecord({ state: "closed" });
  const violation = { account, region, repository, rule, digest, tag };
  await inventory.violations.putViolation({ ...violation, ...rest });
  expect(await run(aNotice({ violation, at: rest.openedAt }))).toEqual([]);
  expect(slack.calls).toEqual([]);
});

test.each([
  ["before", 0],
  ["after", 1],
])(
  "a tag that moves on %s people are told of its image leaves the next image's violation untold",
  async (when, messages) => {
    const { run, inventory } = setUp();
    const record = aViolationRecord();
    const { account, region, repository, rule, digest, tag } = record;
    const violation = { account, region, repository, rule, digest, tag };
    const moved = { ...record, digest: `sha256:${"b".repeat(64)}`, version: 2 };
    await inventory.violations.putViolation(record);
    const move = () => inventory.violations.putViolation(moved);
    if (when === "before") await move();
    else
      inventory.journal.before = async () => {
        inventory.journal.before = undefined;
        await move();
      };
    await run(aNotice({ violation, at: record.openedAt }));
    expect(slack.posted).toHaveLength(messages);
    expect(await inventory.violations.findViolation(violation)).toEqual(moved);
  },
);

test("messages to one channel are a second apart, other channels do not wait", async () => {
  const { run, waits } = setUp();
  await run(numbered(1), numbered(2), numbered(3, { channel: "#other" }), numbered(4));
  expect(waits).toEqual([1000, 1000]);
  expect(slack.posted).toHaveLength(4);
  await run(numbered(5));
  expect(waits).toEqual([1000, 1000, 1000]);
});

const tooMany = (seconds: number) => ({
  status: 429,
  headers: { "retry-after": `${seconds}` },
  body: { ok: false },
});

test("a short Retry-After is waited out, and nothing is lost", async () => {
  const { run, waits, returns } = setUp();
  slack.answer(tooMany(3), tooMany(1));
  expect(await run(numbered(1))).toEqual([]);
  expect(waits).toEqual([3000, 1000]);
  expect({ posted: slack.posted.length, returns }).toEqual({ posted: 1, returns: [] });
});

test("a long Retry-After is spent in the queue, by this message and those behind it", async () => {
  const { run, returns, waits } = setUp();
  slack.answer({}, tooMany(90));
  expect(await run(numbered(1), numbered(2), numbered(3))).toEqual(["message-2", "message-3"]);
  expect(returns).toEqual([
    ["receipt-2", 90],
    ["receipt-3", 90],
  ]);
  expect(slack.calls).toHaveLength(2);
  expect(waits).toEqual([1000]);
  expect(await run(numbered(2), numbered(3))).toEqual([]);
  expect(slack.posted).toHaveLength(3);
});

test.each([
  { seconds: 20, left: 60_000, waited: true },
  { seconds: 21, left: 60_000, waited: false },
  { seconds: 5, left: 20_000, waited: true },
  { seconds: 6, left: 20_000, waited: false },
])(
  "Retry-After $seconds with $left ms left is waited out here: $waited",
  async ({ seconds, left, waited }) => {
    const { run, returns, remaining } = setUp();
    remaining.milliseconds = left;
    slack.answer(tooMany(seconds));
    await run(numbered(1));
    expect(slack.posted).toHaveLength(waited ? 1 : 0);
    expect(returns).toEqual(waited ? [] : [["receipt-1", seconds]]);
  },
);

test("the pace is kept towards a channel even where waiting for Slack took longer", async () => {
  const { run, waits } = setUp();
  slack.answer(tooMany(3));
  await run(numbered(1), numbered(2));
  expect(waits).toEqual([3000, 1000]);
});

test.each([
  ["an error of Slack's servers", { status: 503, body: {} }],
  ["a connection that breaks", { hangUp: true }],
  ["an error that Slack calls internal", { body: { ok: false, error: "internal_error" } }],
  ["a 429 without a time", { status: 429, body: {} }],
])("%s brings the message back, and it is posted then", async (_, answer) => {
  const { run, returns } = setUp();
  slack.answer(answer);
  expect(await run(numbered(1), numbered(2))).toEqual(["message-1", "message-2"]);
  expect(returns).toEqual([
    ["receipt-1", 15],
    ["receipt-2", 15],
  ]);
  expect(await run(numbered(1), numbered(2))).toEqual([]);
  expect(slack.posted).toHaveLength(2);
});

test("a message that Slack refuses for good goes to the dead letters and holds nobody up", async () => {
  const { run, returns, telemetry } = setUp();
  slack.answer({ body: { ok: false, error: "channel_not_found" } });
  expect(await run(numbered(1), numbered(2))).toEqual(["message-1"]);
  expect(returns).toEqual([["receipt-1", 1]]);
  expect(slack.posted).toHaveLength(1);
  const [line] = telemetry.lines.filter((it) => it.level === "error");
  expect(line?.message).toBe("notice failed");
  expect(String(line?.metadata["error"])).toMatch(
    /channel_not_found: correct notify.slack.channel.*dlq redrive/,
  );
});

test("a malformed message fails alone and soon", async () => {
  const { run, returns } = setUp();
  expect(await run("{", numbered(1, { channel: "#x" }))).toEqual(["message-1"]);
  expect(returns).toEqual([["receipt-1", 1]]);
  expect(slack.posted).toHaveLength(1);
});

test("a token that was replaced is taken up with the next message", async () => {
  const { run, tokens } = setUp("xoxb-old");
  slack.answer({ body: { ok: false, error: "invalid_auth" } });
  expect(await run(numbered(1))).toEqual(["message-1"]);
  tokens.push("xoxb-new");
  expect(await run(numbered(1))).toEqual([]);
  expect(slack.calls.map((it) => it.token)).toEqual(["xoxb-old", "xoxb-new"]);
});

test("the token never reaches the log, whatever fails", async () => {
  const { run, telemetry } = setUp();
  slack.answer(
    { hangUp: true },
    { body: { ok: false, error: "invalid_auth" } },
    { status: 500 },
    tooMany(90),
  );
  for (let i = 0; i < 4; i++) await run(numbered(i));
  const seen = telemetry.lines
    .map((line) => `${line.message} ${describe(line.metadata["error"])}`)
    .join("\n");
  expect(seen).toContain("invalid_auth");
  expect(seen).not.toContain("xoxb-secret");
});

test("a posted notice whose mark failed is marked, not posted again, when it comes back", async () => {
  const { run, deps, notices } = setUp();
  const { markSent } = deps.notices;
  notices.markSent = () => Promise.reject(new Error("throttled"));
  expect(await run(numbered(1))).toEqual(["message-1"]);
  notices.markSent = markSent;
  expect(await run(numbered(1))).toEqual([]);
  expect(slack.posted).toHaveLength(1);
  expect(notices.marks.has("notice-1")).toBe(true);
});

test("with slack.com and no real token it says how to set one, without calling anybody", async () => {
  const poster = slackPoster({
    apiUrl: "https://slack.com/api/",
    tokenParameter: "/tallyman/slack-token",
    readToken: async () => "set-me: a Slack bot token, xoxb-...",
  });
  await expect(poster.post({ channel: "#x", text: "", blocks: [] })).rejects.toThrow(
    "aws ssm put-parameter --overwrite --type SecureString --name /tallyman/slack-token",
  );
});

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack} ${JSON.stringify(error)} ${describe(error.cause)}`;
}
