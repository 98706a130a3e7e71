import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventsCallError, type EventsLocation, findRule } from "./find-rule.ts";

type Answer = { readonly status: number; readonly body: string };
type Heard = { readonly headers: IncomingMessage["headers"]; readonly input: unknown };

let server: Server;
let heard: Heard[];
let answers: Answer[];
let at: EventsLocation;

const ok = (body: unknown): Answer => ({ status: 200, body: JSON.stringify(body) });
const refusal = (type: string, status = 400): Answer => ({ status, body: JSON.stringify({ __type: type }) });

/** An EventBridge that gives its answers in turn. */
beforeEach(async () => {
  heard = [];
  server = createServer(async (request, response) => {
    heard.push({ headers: request.headers, input: JSON.parse(await text(request)) });
    const { status, body } = answers.shift() ?? refusal("NoMoreAnswers");
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  at = {
    registry: { account: "444455556666", region: "eu-central-1" },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    credentials: async () => ({ accessKeyId: "AKIA", secretAccessKey: "secret", sessionToken: "token" }),
  };
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("a rule is described with all of its targets, page by page, in signed calls of its Region", async () => {
  answers = [
    ok({ Name: "forward", State: "ENABLED" }),
    ok({ Targets: [{ Id: "1", Arn: "arn:one" }], NextToken: "next" }),
    ok({ Targets: [{ Id: "2", Arn: "arn:two" }] }),
  ];
  expect(await findRule(at, "forward")).toEqual({ state: "ENABLED", targets: ["arn:one", "arn:two"] });
  expect(heard.map(({ headers }) => headers["x-amz-target"])).toEqual([
    "AWSEvents.DescribeRule",
    "AWSEvents.ListTargetsByRule",
    "AWSEvents.ListTargetsByRule",
  ]);
  expect(heard.map(({ input }) => input)).toEqual([
    { Name: "forward" },
    { Rule: "forward" },
    { Rule: "forward", NextToken: "next" },
  ]);
  expect(heard[0]?.headers["authorization"]).toMatch(/AKIA\/\d{8}\/eu-central-1\/events\/aws4_request/);
});

test.each(["ResourceNotFoundException", "com.amazonaws.events#ResourceNotFoundException"])(
  "a rule that is not there (%s) is none, also when it goes between the two calls",
  async (type) => {
    answers = [refusal(type)];
    expect(await findRule(at, "forward")).toBeUndefined();
    answers = [ok({ State: "ENABLED" }), refusal(type)];
    expect(await findRule(at, "forward")).toBeUndefined();
  },
);

test.each<[string, readonly Answer[], RegExp]>([
  ["a refusal", [refusal("AccessDeniedException")], /events:DescribeRule was answered AccessDeniedException/],
  ["no JSON", [{ status: 400, body: "<html>" }], /answered 400/],
  ["a rule without a state", [ok({})], /State/],
  ["a failure that stays", Array(3).fill(refusal("InternalException", 500)), /InternalException/],
])("%s is an error, never an absent rule", async (_, given, message) => {
  answers = [...given];
  await expect(findRule(at, "forward")).rejects.toThrow(message);
});

test("an error carries EventBridge's own code", async () => {
  answers = [refusal("aws.api#AccessDeniedException")];
  const failed = findRule(at, "forward");
  await expect(failed).rejects.toThrow(EventsCallError);
  await expect(failed).rejects.toMatchObject({ code: "AccessDeniedException" });
});
