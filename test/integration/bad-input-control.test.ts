import { expect, test } from "vitest";
import { standingProduct } from "../support/bad-input.ts";
import { type RawAnswer, rawHttp } from "../support/raw-http.ts";

// What a page on the web can do to a port on loopback: reset must not be among it.

const standing = standingProduct();
const json = { "content-type": "application/json" };

function send(path: string, headers: Readonly<Record<string, string>>, body = "{}"): Promise<RawAnswer> {
  return rawHttp(standing.product().url, { method: "POST", path, headers, body });
}

function port(): string {
  return new URL(standing.product().url).port;
}

const ATTACKS: readonly (readonly [string, () => Readonly<Record<string, string>>])[] = [
  ["a foreign Origin", () => ({ ...json, origin: "https://evil.example" })],
  ["the Origin of a file", () => ({ ...json, origin: "null" })],
  ["the Origin of another port", () => ({ ...json, origin: "http://127.0.0.1:1" })],
  ["a foreign Host, as after DNS rebinding", () => ({ ...json, host: "evil.example" })],
  ["a foreign Host with our port", () => ({ ...json, host: `evil.example:${port()}` })],
  ["a Host that begins like ours", () => ({ ...json, host: `127.0.0.1.evil.example:${port()}` })],
  [
    "the name of a registry as Host",
    () => ({ ...json, host: `111122223333.dkr.ecr.us-east-1.localhost:${port()}` }),
  ],
  [
    "a Host and Origin that agree with each other",
    () => ({ ...json, host: "evil.example", origin: "http://evil.example" }),
  ],
  ["plain text, as a form can send it", () => ({ "content-type": "text/plain" })],
  ["a form", () => ({ "content-type": "application/x-www-form-urlencoded" })],
  ["a multipart form", () => ({ "content-type": "multipart/form-data; boundary=application/json" })],
  ["no type at all", () => ({})],
  ["the mark of another site", () => ({ ...json, "sec-fetch-site": "cross-site" })],
  ["the mark of a sibling site", () => ({ ...json, "sec-fetch-site": "same-site" })],
];

test.each(ATTACKS)("%s resets nothing", async (_, headers) => {
  const answer = await send("/_embedded/reset", headers());
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.text)).toMatchObject({ message: expect.stringMatching(/^Refused: /) });
  expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
});

test.each(["clock", "faults", "policy", "run/reconcile"])(
  "nor does a foreign page drive %s",
  async (path) => {
    const { product } = standing;
    const before = [await product().control("GET", "faults"), await product().control("GET", "wire")];
    expect((await send(`/_embedded/${path}`, { ...json, origin: "https://evil.example" })).status).toBe(403);
    expect([await product().control("GET", "faults"), await product().control("GET", "wire")]).toEqual(
      before,
    );
  },
);

test("a preflight gets no permission", async () => {
  const headers = {
    origin: "https://evil.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
  };
  for (const path of ["/_embedded/reset", "/v2/", "/", "/api/v1/brake"]) {
    const answer = await rawHttp(standing.product().url, { method: "OPTIONS", path, headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  }
});

test("a foreign page reads nothing either", async () => {
  const headers = { host: "evil.example" };
  for (const path of ["health", "slack", "denials", "wire"])
    expect((await rawHttp(standing.product().url, { path: `/_embedded/${path}`, headers })).status).toBe(403);
});

test.each([
  ["reset", "{oops", 400],
  ["clock", "{}", 400],
  ["clock", '{"advance":"a year"}', 400],
  ["clock", '{"advance":"P99999999999D"}', 400],
  ["clock", '{"now":"yesterday"}', 400],
  ["clock", '{"now":"9999-12-31T00:00:00Z"}', 400],
  ["clock", '{"advance":"-P20000D"}', 400],
  ["faults", '{"operations":{"ecr:PutImage":{"rate":2}}}', 400],
  ["faults", '{"unknown":1}', 400],
  ["policy", '{"role":"arn:aws:iam::111122223333:role/none"}', 404],
  ["policy", '{"resource":"everything","policy":null}', 400],
  ["run/nothing", "{}", 404],
  ["run/%zz", "{}", 400],
  ["nothing", "{}", 404],
  ["faults", `{"operations":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`, 400],
])("our own page's mistake in %s %.40j is told", async (path, body, status) => {
  const origin = standing.product().url;
  const answer = await send(`/_embedded/${path}`, { ...json, origin, "sec-fetch-site": "same-origin" }, body);
  expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { message: expect.any(String) }]);
});
