import { AwsClient } from "aws4fetch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestBorder, type TestBorder } from "../testing/test-border.ts";
import type { AwsRequest, AwsResponse } from "./aws-service.ts";

let border: TestBorder;
let answer: (request: AwsRequest) => Promise<AwsResponse>;

beforeEach(async () => {
  border = await startTestBorder(() => ({
    services: [{ signingName: "sqs", handle: (request) => answer(request) }],
  }));
});
afterEach(() => border.stop());

function call(signal?: AbortSignal): Promise<Response> {
  const { credentials, region } = border.client();
  const client = new AwsClient({ ...credentials, region, service: "sqs", retries: 0 });
  return client.fetch(border.url, { method: "POST", body: "{}", ...(signal && { signal }) });
}

test("says how long an answer is, in bytes, so that it leaves in one piece", async () => {
  answer = async () => ({ status: 200, body: "é" });
  const { headers } = await call();
  expect(headers.get("content-length")).toBe("2");
  expect(headers.get("transfer-encoding")).toBeNull();
});

test.each(["before", "after"])("a service that asks %s the client goes learns of it", async (when) => {
  const begun = Promise.withResolvers<AwsRequest>();
  const aborted = Promise.withResolvers<void>();
  answer = async (request) => {
    if (when === "before") request.signal?.addEventListener("abort", () => aborted.resolve());
    begun.resolve(request);
    await aborted.promise;
    return { status: 200 };
  };
  const client = new AbortController();
  const calling = call(client.signal);
  const request = await begun.promise;
  client.abort();
  await expect(calling).rejects.toThrow();
  if (when === "after") {
    // By the time that another call has come through, the connection of the first is known to be gone.
    answer = async () => ({ status: 200 });
    await call();
    await expect.poll(() => request.signal?.aborted).toBe(true);
    aborted.resolve();
  }
  await aborted.promise;
});
