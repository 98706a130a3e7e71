import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { resolveEndpoint } from "./endpoint.ts";
import { urlOf } from "./sign.ts";

const DEPLOYED = "https://abc123.execute-api.eu-central-1.amazonaws.com";

test.each([
  [{}, "http://127.0.0.1:4510", "us-east-1", true],
  [{ env: { AWS_REGION: "eu-west-1" } }, "http://127.0.0.1:4510", "us-east-1", true],
  [{ region: "us-west-2" }, "http://127.0.0.1:4510", "us-west-2", true],
  [{ env: { TALLYMAN_ENDPOINT: "http://localhost:1234" } }, "http://localhost:1234", "us-east-1", true],
  [{ endpoint: DEPLOYED, env: { AWS_REGION: "eu-west-1" } }, DEPLOYED, "eu-central-1", false],
  [
    { endpoint: "https://tally.example.com", env: { AWS_REGION: "eu-west-1" } },
    "https://tally.example.com",
    "eu-west-1",
    false,
  ],
  [
    { endpoint: "https://tally.example.com", env: { AWS_DEFAULT_REGION: "eu-west-3" } },
    "https://tally.example.com",
    "eu-west-3",
    false,
  ],
  [{ endpoint: DEPLOYED, region: "us-west-2" }, DEPLOYED, "us-west-2", false],
])("%j is %s, signed for %s", (options, origin, region, isLoopback) => {
  const endpoint = resolveEndpoint({ env: {}, ...options });
  expect({ ...endpoint, url: endpoint.url.origin }).toEqual({ url: origin, region, isLoopback });
});

test.each(["", "tally", "ftp://x", "http://example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"])(
  "%j is no endpoint: credentials' signatures go to https or to this machine",
  (endpoint) => {
    expect(() => resolveEndpoint({ endpoint, env: {} })).toThrow(UsageError);
  },
);

test("a query is spelled as signatures spell it, and a stage in the endpoint stays", () => {
  const url = urlOf(new URL("https://api.example.com/stage/"), "/api/v1/images", {
    repository: "prod/web",
    reason: "a b+c*(d)'!",
    tag: undefined,
  });
  expect(url.href).toBe(
    "https://api.example.com/stage/api/v1/images?repository=prod%2Fweb&reason=a%20b%2Bc%2A%28d%29%27%21",
  );
});
