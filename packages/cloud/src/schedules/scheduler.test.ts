import { afterEach, describe, expect, test } from "vitest";
import { type MessagingWorld, messagingWorld } from "../testing/messaging-world.ts";
import { parseScheduleExpression, ScheduleExpressionError } from "./schedule-expression.ts";

describe("schedule expressions", () => {
  const from = new Date("2026-11-21T10:07:30Z"); // a Saturday
  test.each([
    ["cron(15 10 ? * MON-FRI *)", "2026-11-23T10:15:00.000Z"],
    ["cron(0 8 1 * ? *)", "2026-12-01T08:00:00.000Z"],
    ["cron(0/10 * ? * * *)", "2026-11-21T10:10:00.000Z"],
    ["cron(0 18 ? * 1 *)", "2026-11-22T18:00:00.000Z"],
    ["cron(0 9 ? * 2#1 *)", "2026-12-07T09:00:00.000Z"],
    ["cron(0 9 ? * 6L *)", "2026-11-27T09:00:00.000Z"],
    ["cron(0 9 L * ? *)", "2026-11-30T09:00:00.000Z"],
    ["cron(0 0 29 2 ? *)", "2028-02-29T00:00:00.000Z"],
    ["cron(0 12 ? * SAT 2027)", "2027-01-02T12:00:00.000Z"],
  ])("%s runs next at %s", (expression, expected) => {
    const parsed = parseScheduleExpression(expression, "UTC");
    expect(parsed.kind === "cron" && parsed.next(from)?.toISOString()).toBe(expected);
  });

  test("counts in the schedule's own time zone", () => {
    const parsed = parseScheduleExpression("cron(0 9 ? * * *)", "Europe/Berlin");
    expect(parsed.kind === "cron" && parsed.next(from)?.toISOString()).toBe("2026-11-22T08:00:00.000Z");
  });

  test("says when a schedule never runs again", () => {
    const parsed = parseScheduleExpression("cron(0 9 ? * * 2020)", "UTC");
    expect(parsed.kind === "cron" && parsed.next(from)).toBeUndefined();
  });

  test.each([
    ["rate(1 minute)", 60_000],
    ["rate(5 minutes)", 300_000],
    ["rate(1 day)", 86_400_000],
  ])("%s is %i milliseconds", (expression, milliseconds) => {
    expect(parseScheduleExpression(expression, "UTC")).toEqual({ kind: "rate", milliseconds });
  });

  test.each([
    "rate(0 minutes)",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(10 seconds)",
    "cron(0 9 * * * *)",
    "cron(0 9 ? * ? *)",
    "cron(0 9 ? * MON)",
    "cron(61 9 ? * MON *)",
    "at(2026-11-21T00:00:00)",
    "every day",
  ])("refuses %s", (expression) => {
    expect(() => parseScheduleExpression(expression, "UTC")).toThrow(ScheduleExpressionError);
  });
});

describe("a schedule", () => {
  let world: MessagingWorld;
  afterEach(() => world.stop());

  test("puts its input into the queue each period, with its keywords replaced", () => {
    world = messagingWorld();
    world.advance(299);
    expect(world.messages("Order.fifo")).toEqual([]);
    world.advance(1);
    world.advance(300);
    const messages = world.messages("Order.fifo");
    expect(messages.map((message) => message.group)).toEqual(["ticks", "ticks"]);
    const [first, second] = messages.map((message) => JSON.parse(message.body));
    expect(first.run).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.run).not.toBe(first.run);
    expect(first.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test("runs once when the clock jumps over many periods, and goes on when the clock is set back", () => {
    world = messagingWorld();
    world.advance(86_400);
    expect(world.messages("Order.fifo")).toHaveLength(1);
    world.advance(-30 * 86_400);
    world.advance(300);
    expect(world.messages("Order.fifo")).toHaveLength(2);
  });

  test("runs on demand by its name or its logical name, whatever the case", () => {
    world = messagingWorld();
    const run = world.messaging.scheduler.run("TICK");
    expect(run?.schedule).toBe("tick");
    expect(JSON.parse(world.messages("Order.fifo")[0]?.body ?? "").run).toBe(run?.execution);
    expect(world.messaging.scheduler.run("nothing")).toBeUndefined();
  });

  test("sends as its role: without the permission nothing arrives anywhere, and that is said", () => {
    world = messagingWorld(({ hub }) => {
      const role = hub.resources["aws:iam/role:Role"]?.["Timer"];
      if (role) role["inlinePolicies"] = [];
    });
    world.messaging.scheduler.run("tick");
    expect(world.messages("Order.fifo")).toEqual([]);
    expect(world.core.denials.list().map(({ action }) => action)).toEqual([
      "sqs:SendMessage",
      "sqs:SendMessage",
    ]);
    expect(world.lines.map((line) => line.source)).toContain("schedule lost");
  });

  test("dead-letters what its target refuses", () => {
    world = messagingWorld(({ hub }) => {
      const target = hub.resources["aws:scheduler/schedule:Schedule"]?.["Tick"];
      if (target) target["target"] = { ...(target["target"] as object), sqsParameters: {} };
    });
    world.messaging.scheduler.run("tick");
    expect(world.messages("Undelivered")[0]?.attributes).toMatchObject({
      ERROR_CODE: { StringValue: "MissingParameter" },
    });
  });
});
