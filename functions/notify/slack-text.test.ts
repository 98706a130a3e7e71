import fc from "fast-check";
import { expect, test } from "vitest";
import { aNotice } from "../../test/builders/due.ts";
import { slackMessage } from "./slack-message.ts";
import { slackText } from "./slack-text.ts";

test.each([
  [
    "<!channel> <@U123> <https://evil.example|prod/web>",
    "&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example|prod/web&gt;",
  ],
  ["a & b &amp; c", "a &amp; b &amp;amp; c"],
  ["two\nlines\r\nand\ttabs", "two lines and tabs"],
  ["bell\u0007 escape\u001b[31m", "bell  escape [31m"],
  ["gnp.\u202eexe", "gnp. exe"],
  ["zero\u200bwidth", "zero width"],
  ["  spaces  ", "spaces"],
  ["*bold* _it_ `code`", "*bold* _it_ `code`"],
])("%j is shown as %j", (hostile, shown) => {
  expect(slackText(hostile, 1000)).toBe(shown);
});

test("whatever comes in, no control character and no unescaped < or > goes out, and the limit holds", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (hostile, limit) => {
        const text = slackText(hostile, limit);
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(text).not.toMatch(/[<>\p{Cc}\u202a-\u202e]/u);
        expect(text.replaceAll(/&(amp|lt|gt);/g, "")).not.toContain("&");
      },
    ),
  );
});

test("a message has the title, the reason, every field and what to do next, all as plain text", () => {
  const message = slackMessage(
    aNotice({
      fields: [
        { name: "registry", value: "111122223333/us-east-1" },
        { name: "tag", value: "<!here>" },
      ],
    }),
  );
  const texts = JSON.stringify(message.blocks);
  expect(texts).toContain('Tag \\"latest\\" breaks rule');
  expect(texts).toContain("registry: 111122223333/us-east-1");
  expect(texts).toContain("tag: &lt;!here&gt;");
  expect(texts).toContain("What to do:");
  expect(texts).not.toContain("mrkdwn");
});

test("the longest notice stays within Slack's limits", () => {
  const field = { name: "n".repeat(80), value: "&".repeat(1000) };
  const message = slackMessage(
    aNotice({
      title: "<".repeat(300),
      reason: ">".repeat(2000),
      fields: Array.from({ length: 10 }, () => field),
    }),
  );
  const [header, reason, fields] = message.blocks;
  expect(header).toMatchObject({ type: "header", text: { text: expect.stringMatching(/^.{1,150}$/) } });
  expect(reason).toMatchObject({ text: { text: expect.stringMatching(/^.{1,3000}$/) } });
  expect(fields).toMatchObject({ fields: Array(10).fill({ text: expect.stringMatching(/^.{1,2000}$/) }) });
  expect(message.text.length).toBeLessThanOrEqual(3000);
});

test("an empty reason does not make an empty block, which Slack would refuse", () => {
  expect(slackMessage(aNotice({ title: "\u200b", reason: "" })).blocks).toMatchObject([
    { text: { text: "-" } },
    { text: { text: "-" } },
    { type: "context" },
  ]);
});
