import { expect, test } from "vitest";
import { recordedTelemetry } from "../../test/fakes/recorded-telemetry.ts";
import { comeBackSoon, comingBackIfKilled } from "./come-back.ts";

const MESSAGE = { messageId: "m", receiveCount: 1, receiptHandle: "r", secondsLeft: 899.2 };

function setUp(after: (seconds: number) => Promise<void> = async () => {}) {
  const seconds: number[] = [];
  const telemetry = recordedTelemetry();
  const redelivery = {
    after: async (_: string, given: number) => {
      await after(given);
      seconds.push(given);
    },
  };
  return { deps: { telemetry, redelivery }, seconds, telemetry };
}

test("a message comes back a minute after its function must be over, should its worker be killed", async () => {
  const { deps, seconds } = setUp();
  let done = false;
  await comingBackIfKilled(deps, MESSAGE, async () => {
    done = true;
  });
  expect(done).toBe(true);
  expect(seconds).toEqual([900 + 60]);
});

test("when a failed message comes back is said last, though the first answer is late", async () => {
  const { deps, seconds } = setUp(async (given) => {
    if (given === 960) await new Promise<void>((resolve) => setImmediate(resolve));
  });
  const failure = new Error("no such luck");
  const work = comingBackIfKilled(deps, MESSAGE, async () => {
    throw failure;
  });
  await expect(work).rejects.toBe(failure);
  await comeBackSoon(deps, failure, MESSAGE);
  expect(seconds).toEqual([960, 10]);
});

test("work is done though nobody hears when it is to come back", async () => {
  const { deps, telemetry } = setUp(async () => {
    throw new Error("throttled");
  });
  let done = false;
  await comingBackIfKilled(deps, MESSAGE, async () => {
    done = true;
  });
  expect(done).toBe(true);
  expect(telemetry.messages("warn")).toEqual(["redelivery time not set"]);
});
