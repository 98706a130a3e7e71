import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FaultSettings } from "../faults/create-faults.ts";
import { startTestBorder, type TestBorder } from "../testing/test-border.ts";
import { createSlackSink, type SlackSink } from "./slack-sink.ts";

let border: TestBorder;
let sink: SlackSink;
let heard: string[];

beforeEach(async () => {
  heard = [];
  border = await startTestBorder((deps) => {
    sink = createSlackSink({ ...deps, onMessage: ({ text, updates }) => heard.push(`${text}/${updates}`) });
    return { routes: [sink.route] };
  });
});
afterEach(() => border.stop());

const apiUrl = () => `${border.url}/_embedded/slack/api/`;
const client = (token = "xoxb-test") =>
  new WebClient(token, { slackApiUrl: apiUrl(), retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
const json = (method: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${apiUrl()}${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer xoxb-test", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("Slack's own client", () => {
  test("posts, answers in a thread and updates; everything is listed in order", async () => {
    const blocks = [
      { type: "header", text: { type: "plain_text", text: "Tag refused" } },
      { type: "section", text: { type: "plain_text", text: "ü <b> & \u{1f600}" } },
    ];
    const first = await client().chat.postMessage({ channel: "#ops", text: "one", blocks });
    expect(first).toMatchObject({ ok: true, channel: "#ops", ts: expect.stringMatching(/^\d{10}\.\d{6}$/) });
    const ts = first.ts ?? "";
    const second = await client().chat.postMessage({ channel: "#ops", text: "two", thread_ts: ts });
    await client().chat.update({ channel: "#ops", ts, text: "one, better", blocks });
    expect(sink.messages()).toEqual([
      { ts, channel: "#ops", text: "one, better", blocks, threadTs: undefined, updates: 1 },
      { ts: second.ts, channel: "#ops", text: "two", blocks: [], threadTs: ts, updates: 0 },
    ]);
    expect(heard).toEqual(["one/0", "two/0", "one, better/1"]);
    expect(await client().auth.test()).toMatchObject({ ok: true, bot_id: "B0EMBEDDED" });
    sink.clear();
    expect(sink.messages()).toEqual([]);
  });

  test("is told the ids of the cloud's time, each one once", async () => {
    border.clock.set(new Date("2031-01-01T00:00:00Z"));
    const posts = await Promise.all(
      [1, 2, 3].map((n) => client().chat.postMessage({ channel: "c", text: `${n}` })),
    );
    expect(new Set(posts.map((post) => post.ts)).size).toBe(3);
    for (const post of posts) expect(post.ts).toMatch(/^1924992000\./);
  });

  const header = (length: number) => [
    { type: "header", text: { type: "plain_text", text: "x".repeat(length) } },
  ];
  test.each<[string, Record<string, unknown>, string]>([
    ["no channel", { channel: "", text: "x" }, "channel_not_found"],
    ["a blank channel", { channel: " ", text: "x" }, "channel_not_found"],
    ["nothing to say", { channel: "c", text: "" }, "no_text"],
    ["a text that is too long", { channel: "c", text: "x".repeat(40_001) }, "msg_too_long"],
    ["a header that is too long", { channel: "c", text: "x", blocks: header(151) }, "invalid_blocks"],
    [
      "too many blocks",
      { channel: "c", text: "x", blocks: Array(51).fill({ type: "divider" }) },
      "invalid_blocks",
    ],
    [
      "an empty section text",
      { channel: "c", text: "x", blocks: [{ type: "section", text: { type: "mrkdwn", text: "" } }] },
      "invalid_blocks",
    ],
  ])("is refused with %s, in Slack's words", async (_, message, error) => {
    await expect(client().apiCall("chat.postMessage", message)).rejects.toMatchObject({
      data: { ok: false, error },
    });
    expect(sink.messages()).toEqual([]);
  });

  test("is refused for a message that is not there, and for a method that is not", async () => {
    const update = client().chat.update({ channel: "c", ts: "1.000001", text: "x" });
    await expect(update).rejects.toMatchObject({ data: { error: "message_not_found" } });
    await expect(client().apiCall("chat.delete")).rejects.toMatchObject({
      data: { error: "unknown_method" },
    });
  });

  test("needs a token, and one that Slack could have given", async () => {
    await expect(client("").chat.postMessage({ channel: "c", text: "x" })).rejects.toMatchObject({
      data: { error: "not_authed" },
    });
    await expect(client("set-me").auth.test()).rejects.toMatchObject({ data: { error: "invalid_auth" } });
  });
});

test("JSON is taken as well, and what is no JSON is refused", async () => {
  const posted = await json("chat.postMessage", { channel: "c", text: "x", blocks: [{ type: "divider" }] });
  expect(await posted.json()).toMatchObject({ ok: true });
  expect(await (await json("chat.postMessage", "{")).json()).toEqual({ ok: false, error: "invalid_json" });
  expect((await json("chat.postMessage", "x".repeat(1024 * 1024 + 1))).status).toBe(413);
  expect(sink.messages()).toHaveLength(1);
});

describe("the pace", () => {
  const post = (channel: string) => json("chat.postMessage", { channel, text: "x" });

  test("is one message per second and channel when it is switched on", async () => {
    sink.setPaced(true);
    expect((await post("a")).status).toBe(200);
    const refused = await post("a");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await post("b")).status).toBe(200);
    sink.setPaced(false);
    expect((await post("a")).status).toBe(200);
    expect(sink.messages()).toHaveLength(3);
  });

  test("can fail by fault: 429 with Retry-After, and 5xx", async () => {
    border.faults.set(
      FaultSettings.parse({
        operations: { "slack:chat.postMessage": { status: 429, retryAfter: 7, times: 1 } },
      }),
    );
    const limited = await post("a");
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    border.faults.set(FaultSettings.parse({ operations: { "slack:*": { status: 503, times: 1 } } }));
    expect((await post("a")).status).toBe(503);
    expect((await post("a")).status).toBe(200);
    expect(sink.messages()).toHaveLength(1);
  });
});
