import { describe, expect, test } from "vitest";
import { formatLine } from "./format-line.ts";
import { functionLine } from "./function-line.ts";
import { isNews, registryLine } from "./registry-line.ts";
import { welcome } from "./welcome.ts";

const at = new Date("2026-11-21T10:11:12Z");
const plain = { colour: false, json: false };

describe("the welcome", () => {
  test.each([
    [4510, /^ {4}npx tallyman images$/m],
    [4620, /^ {4}npx tallyman --endpoint http:\/\/127\.0\.0\.1:4620 images$/m],
  ])("at port %i shows a command that works as it stands", (port, expected) => {
    expect(welcome({ url: `http://127.0.0.1:${port}`, port })).toMatch(expected);
  });
});

describe("live lines", () => {
  test("show what happened to which image, where and why, without what every line has", () => {
    const written = JSON.stringify({
      level: "INFO",
      message: "tag judged",
      timestamp: "2026-11-21T10:11:12Z",
      service: "s",
      cold_start: true,
      function_request_id: "r",
      account: "111122223333",
      region: "us-east-1",
      repository: "a/b",
      tag: "1",
      verdict: "violation",
      reason: "not allowed here",
      digest: `sha256:${"a".repeat(64)}`,
    });
    const line = functionLine("Judge", written, at);
    expect(line && formatLine(line, plain)).toBe(
      "10:11:12  violation              a/b:1                     111122223333/us-east-1  not allowed here",
    );
  });

  test("leave out metrics and empty lines, and show an error that is no JSON", () => {
    expect(functionLine("F", JSON.stringify({ _aws: {}, Count: 1 }), at)).toBeUndefined();
    expect(functionLine("F", "", at)).toBeUndefined();
    expect(functionLine("F", "Invoke Error", at)).toMatchObject({ level: "warn" });
  });

  test("show a push as repository, tag, digest and registry", () => {
    const event = {
      version: "0" as const,
      id: "1",
      "detail-type": "ECR Image Action",
      source: "aws.ecr",
      account: "111122223333",
      region: "us-east-1",
      time: "2026-11-21T10:11:12Z",
      resources: [],
      detail: {
        "action-type": "PUSH",
        result: "SUCCESS",
        "repository-name": "a/b",
        "image-tag": "1",
        "image-digest": `sha256:${"b".repeat(64)}`,
      },
    };
    expect(formatLine(registryLine(event, at), plain)).toBe(
      "10:11:12  push                   a/b:1                     111122223333/us-east-1",
    );
  });

  test("show a lifecycle run with how many images it concerned, and a preview as such", () => {
    const event = (eventName: string, acted: number, failed: number) => ({
      version: "0" as const,
      id: "1",
      "detail-type": "AWS Service Event via CloudTrail",
      source: "aws.ecr",
      account: "111122223333",
      region: "us-east-1",
      time: "2026-11-21T10:11:12Z",
      resources: [],
      detail: {
        eventName,
        serviceEventDetails: {
          repositoryName: "a/b",
          lifecycleEventImageActions: Array.from({ length: acted }, () => ({})),
          lifecycleEventFailureDetails: Array.from({ length: failed }, () => ({})),
        },
      },
    });
    const fields = { repository: "a/b", registry: "111122223333/us-east-1" };
    expect(registryLine(event("PolicyExecutionEvent", 3, 1), at)).toMatchObject({
      level: "warn",
      message: "lifecycle",
      fields: { ...fields, images: 3, failed: 1 },
    });
    expect(registryLine(event("PolicyExecutionEvent", 1, 0), at).level).toBe("info");
    expect(isNews(event("PolicyExecutionEvent", 1, 0))).toBe(true);
    expect(isNews({ ...event("PutImage", 0, 0), detail: { eventName: "PutImage" } })).toBe(false);
    expect(isNews({ ...event("", 0, 0), "detail-type": "ECR Image Action" })).toBe(true);
    expect(registryLine(event("DryRunEvent", 0, 0), at)).toMatchObject({
      level: "debug",
      message: "preview",
    });
  });

  test("let a hostile text neither move the cursor, nor colour, nor begin a line of its own", () => {
    const message = "\u001b[2Jx\r\nfake line\u0007\u202e\u2028y";
    const line = { at, level: "info" as const, source: "slack", message, fields: { tag: "\u001b[31mred" } };
    for (const format of [plain, { colour: false, json: true }]) {
      const shown = formatLine(line, format);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
    expect(formatLine(line, plain)).not.toMatch(/[\u202e\u2028]/);
  });

  test("name who says it where no image is concerned, and where something went wrong", () => {
    const error = { name: "E", message: "table gone", stack: "E: table gone\n at x" };
    const line = {
      at,
      level: "info" as const,
      source: "F",
      message: "began",
      fields: { count: 2, key: "k" },
    };
    expect(formatLine(line, plain)).toBe("10:11:12  F                      began  count=2");
    const failed = { ...line, level: "error" as const, fields: { repository: "a/b", error } };
    expect(formatLine(failed, plain)).toBe(
      '10:11:12  began                  a/b                       error="table gone"  in=F',
    );
  });

  test("are cut at the width of the terminal, and nowhere else", () => {
    const line = { at, level: "info" as const, source: "F", message: "x".repeat(500), fields: {} };
    expect(formatLine(line, { ...plain, columns: 80 })).toHaveLength(80);
    expect(formatLine(line, plain).length).toBeGreaterThan(500);
  });

  test("are one JSON object each when asked for", () => {
    const line = { at, level: "warn" as const, source: "s", message: "m", fields: { n: 1 } };
    expect(JSON.parse(formatLine(line, { colour: false, json: true }))).toEqual({
      at: at.toISOString(),
      level: "warn",
      source: "s",
      message: "m",
      n: 1,
    });
  });
});
