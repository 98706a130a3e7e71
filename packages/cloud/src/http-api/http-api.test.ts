import { AwsClient } from "aws4fetch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FunctionRuntime, InvocationResult } from "../lambda/function-runtime.ts";
import { ACCOUNT, REGION, startTestBorder, type TestBorder } from "../testing/test-border.ts";
import type { Resource } from "../topology/topology.ts";
import { createHttpApi } from "./http-api.ts";
import { httpApiRoute } from "./http-api-route.ts";

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Web`;
const API = `arn:aws:execute-api:${REGION}:${ACCOUNT}:Site`;

type Inputs = Record<string, Record<string, Resource["inputs"]>>;

function stack(changes: Inputs = {}): Inputs {
  const target = "integrations/Web";
  return {
    "aws:apigatewayv2/route:Route": {
      Any: { apiId: "Site", routeKey: "ANY /api/{proxy+}", target, authorizationType: "AWS_IAM" },
      Open: { apiId: "Site", routeKey: "POST /hook", target, authorizationType: "NONE" },
      Pet: { apiId: "Site", routeKey: "GET /api/pets/{id}", target, authorizationType: "AWS_IAM" },
    },
    "aws:apigatewayv2/integration:Integration": {
      Web: {
        apiId: "Site",
        integrationType: "AWS_PROXY",
        integrationUri: FUNCTION,
        payloadFormatVersion: "2.0",
        timeoutMilliseconds: 300,
      },
    },
    "aws:apigatewayv2/stage:Stage": { Default: { apiId: "Site", name: "$default" } },
    "aws:lambda/permission:Permission": {
      Allow: {
        action: "lambda:InvokeFunction",
        function: FUNCTION,
        principal: "apigateway.amazonaws.com",
        sourceArn: `${API}/*`,
      },
    },
    ...changes,
  };
}

function topologyOf(resources: Inputs) {
  return {
    resources: (type: string): Resource[] =>
      Object.entries(resources[type] ?? {}).map(([logicalName, inputs]) => ({
        logicalName,
        inputs,
        account: ACCOUNT,
        region: REGION,
        stack: "hub",
      })),
  };
}

type Event = Record<string, unknown> & { requestContext: Record<string, unknown> };

let border: TestBorder;
let events: Event[];
let answer: () => InvocationResult | Promise<InvocationResult>;

const runtime: FunctionRuntime = {
  async invoke(arn, payload) {
    expect(arn).toBe(FUNCTION);
    events.push(payload as Event);
    return await answer();
  },
};

async function start(resources: Inputs = stack()): Promise<void> {
  border = await startTestBorder(
    (deps) => {
      const api = createHttpApi({ ...deps, topology: topologyOf(resources), runtime });
      return { routes: [httpApiRoute(api, (error) => expect.unreachable(String(error)))] };
    },
    {
      images: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${API}/$default/GET/api/images*` },
        ],
      },
    },
  );
}

beforeEach(async () => {
  events = [];
  answer = () => ({ ok: true, payload: { statusCode: 200, body: "fine" } });
  await start();
});
afterEach(() => border.stop());

function signed(principal?: string): AwsClient {
  const keys = principal
    ? { accessKeyId: `key-${principal}`, secretAccessKey: `secret-${principal}` }
    : { accessKeyId: "test", secretAccessKey: "test" };
  return new AwsClient({ ...keys, service: "execute-api", region: REGION, retries: 0 });
}

const call = (path: string, init: RequestInit = {}, principal?: string) =>
  signed(principal).fetch(`${border.url}${path}`, init);

async function seen(response: Response): Promise<[number, unknown]> {
  return [response.status, await response.json()];
}

describe("the event", () => {
  test("is API Gateway's payload 2.0, with the caller that IAM knows", async () => {
    const response = await call("/api/images/a%20b?tag=1.4.2&tag=x%2Fy&empty=", {
      headers: { "X-Mixed": "Yes", cookie: "a=1; b=2" },
    });
    expect([response.status, await response.text()]).toEqual([200, "fine"]);
    expect(events).toMatchObject([
      {
        version: "2.0",
        routeKey: "ANY /api/{proxy+}",
        rawPath: "/api/images/a b",
        rawQueryString: "tag=1.4.2&tag=x%2Fy&empty=",
        queryStringParameters: { tag: "1.4.2,x/y", empty: "" },
        pathParameters: { proxy: "images/a b" },
        cookies: ["a=1", "b=2"],
        headers: { "x-mixed": "Yes" },
        isBase64Encoded: false,
        requestContext: {
          accountId: ACCOUNT,
          apiId: "Site",
          stage: "$default",
          routeKey: "ANY /api/{proxy+}",
          http: { method: "GET", path: "/api/images/a b", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
          time: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
          authorizer: {
            iam: {
              accessKey: "test",
              accountId: ACCOUNT,
              callerId: expect.stringMatching(/^AIDA/),
              cognitoIdentity: null,
              principalOrgId: null,
              userArn: `arn:aws:iam::${ACCOUNT}:user/test`,
              userId: expect.stringMatching(/^AIDA/),
            },
          },
        },
      },
    ]);
    expect(events[0]).not.toHaveProperty("body");
    expect(events[0]?.["headers"]).not.toHaveProperty("cookie");
  });

  test.each([
    ["JSON", "application/json", '{"ü":1}', '{"ü":1}', false],
    ["bytes", "application/octet-stream", new Uint8Array([0, 255]), "AP8=", true],
    ["bytes that claim to be text", "text/plain", new Uint8Array([255]), "/w==", true],
  ])("carries a body of %s", async (_, type, body, expected, isBase64Encoded) => {
    await call("/api/x", { method: "POST", body, headers: { "content-type": type } });
    expect(events[0]).toMatchObject({ body: expected, isBase64Encoded });
  });

  test("goes by the most specific route", async () => {
    await call("/api/pets/7");
    await call("/api/pets/7", { method: "PUT" });
    await call("/api/pets/7/tags");
    expect(events.map((event) => [event["routeKey"], event["pathParameters"]])).toEqual([
      ["GET /api/pets/{id}", { id: "7" }],
      ["ANY /api/{proxy+}", { proxy: "pets/7" }],
      ["ANY /api/{proxy+}", { proxy: "pets/7/tags" }],
    ]);
  });
});

describe("the answer", () => {
  test.each<[string, unknown, number, string, Record<string, string>]>([
    [
      "says everything itself",
      { statusCode: 201, headers: { "X-Count": 3 }, body: "made" },
      201,
      "made",
      { "x-count": "3" },
    ],
    ["is base64", { statusCode: 200, isBase64Encoded: true, body: "aGk=" }, 200, "hi", {}],
    ["is bare JSON", { a: 1 }, 200, '{"a":1}', { "content-type": "application/json" }],
    ["is a bare string", "text", 200, "text", { "content-type": "application/json" }],
    ["is nothing", null, 200, "null", {}],
  ])("%s", async (_, payload, status, body, headers) => {
    answer = () => ({ ok: true, payload });
    const response = await call("/api/x");
    expect([response.status, await response.text()]).toEqual([status, body]);
    for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
  });

  test("sets each cookie by itself", async () => {
    answer = () => ({ ok: true, payload: { statusCode: 204, cookies: ["a=1; Path=/", "b=2"] } });
    expect((await call("/api/x")).headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
  });

  test.each<[string, () => InvocationResult | Promise<InvocationResult>, number, string]>([
    [
      "a function that failed",
      () => ({ ok: false, errorType: "TypeError", message: "secret" }),
      500,
      "Internal Server Error",
    ],
    [
      "a status that is none",
      () => ({ ok: true, payload: { statusCode: "soon" } }),
      500,
      "Internal Server Error",
    ],
    [
      "a body that is no text",
      () => ({ ok: true, payload: { statusCode: 200, body: {} } }),
      500,
      "Internal Server Error",
    ],
    ["a function that takes too long", () => new Promise(() => {}), 503, "Service Unavailable"],
  ])("of %s tells nothing of it", async (_, result, status, message) => {
    answer = result;
    expect(await seen(await call("/api/x"))).toEqual([status, { message }]);
  });
});

describe("access", () => {
  test("an unsigned request is forbidden, where the route asks for IAM", async () => {
    expect(await seen(await fetch(`${border.url}/api/x`))).toEqual([403, { message: "Forbidden" }]);
    expect(events).toEqual([]);
    expect((await fetch(`${border.url}/hook`, { method: "POST", body: "x" })).status).toBe(200);
    expect(events[0]?.requestContext).not.toHaveProperty("authorizer");
  });

  test("needs execute-api:Invoke on the method and path", async () => {
    expect((await call("/api/images?x=1", {}, "images")).status).toBe(200);
    for (const [path, method] of [
      ["/api/images", "POST"],
      ["/api/violations", "GET"],
    ]) {
      expect(await seen(await call(path ?? "", { method: method ?? "" }, "images"))).toEqual([
        403,
        { message: "Forbidden" },
      ]);
    }
    expect(events).toHaveLength(1);
  });

  test("a wrong secret, service or region is refused", async () => {
    const keys = {
      accessKeyId: "test",
      secretAccessKey: "test",
      service: "execute-api",
      region: REGION,
      retries: 0,
    };
    for (const wrong of [
      { secretAccessKey: "no" },
      { service: "s3" },
      { region: "eu-central-1" },
      { accessKeyId: "who" },
    ]) {
      const response = await new AwsClient({ ...keys, ...wrong }).fetch(`${border.url}/api/x`);
      expect(response.status).toBe(403);
    }
    expect(events).toEqual([]);
  });

  test.each<[string, Inputs[string]]>([
    ["no permission", {}],
    [
      "a permission for another API",
      {
        P: {
          action: "lambda:InvokeFunction",
          function: FUNCTION,
          principal: "apigateway.amazonaws.com",
          sourceArn: `${API}2/*`,
        },
      },
    ],
    [
      "a permission for another service",
      { P: { action: "lambda:InvokeFunction", function: FUNCTION, principal: "events.amazonaws.com" } },
    ],
  ])("a function with %s does not run for API Gateway", async (_, permissions) => {
    await border.stop();
    await start(stack({ "aws:lambda/permission:Permission": permissions }));
    expect(await seen(await call("/api/x"))).toEqual([500, { message: "Internal Server Error" }]);
    expect(events).toEqual([]);
  });
});

describe("limits", () => {
  test("what no route has is not found", async () => {
    expect(await seen(await fetch(`${border.url}/hook`))).toEqual([404, { message: "Not Found" }]);
  });

  test("a body over 10 MB is refused, one of 10 MB is not", async () => {
    const post = (size: number) =>
      fetch(`${border.url}/hook`, { method: "POST", body: new Uint8Array(size) });
    expect((await post(10 * 1024 * 1024)).status).toBe(200);
    expect(await seen(await post(10 * 1024 * 1024 + 1))).toEqual([
      413,
      { message: "Request Entity Too Large" },
    ]);
    expect(events).toHaveLength(1);
  });
});

test.each<[string, Inputs, RegExp]>([
  ["an unknown integration", stack({ "aws:apigatewayv2/integration:Integration": {} }), /no integration Web/],
  ["no stage", stack({ "aws:apigatewayv2/stage:Stage": {} }), /Site has no stage/],
  [
    "a greedy variable in the middle",
    stack({
      "aws:apigatewayv2/route:Route": {
        R: { apiId: "Site", routeKey: "GET /{a+}/b", target: "integrations/Web" },
      },
    }),
    /must come last/,
  ],
  [
    "a key without a path",
    stack({
      "aws:apigatewayv2/route:Route": { R: { apiId: "Site", routeKey: "GET", target: "integrations/Web" } },
    }),
    /neither/,
  ],
])("an API with %s stops the start", (_, resources, message) => {
  expect(() => createHttpApi({ ...border, topology: topologyOf(resources), runtime })).toThrow(message);
});
