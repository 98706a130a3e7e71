import type { LambdaEvent } from "hono/aws-lambda";

/** An HTTP API event, payload format 2.0, as the IAM authorizer leaves it. */
export type ApiCall = {
  readonly method?: string;
  /** With its query: `/api/v1/images?tag=latest`. */
  readonly path: string;
  /** An object is sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: the route had no authorizer. */
  readonly userArn?: string | null;
};

export const ADMINISTRATOR = "arn:aws:iam::111122223333:user/test";

export function anApiEvent({
  method = "GET",
  path,
  body,
  headers = {},
  userArn = ADMINISTRATOR,
}: ApiCall): LambdaEvent {
  const [rawPath = "/", rawQueryString = ""] = path.split("?");
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const event = {
    version: "2.0",
    routeKey: "ANY /api/{proxy+}",
    rawPath,
    rawQueryString,
    headers: {
      host: "admin.execute-api.us-east-1.amazonaws.com",
      ...(text !== undefined && {
        "content-type": "application/json",
        "content-length": `${Buffer.byteLength(text)}`,
      }),
      ...headers,
    },
    requestContext: {
      accountId: "111122223333",
      apiId: "admin",
      authentication: null,
      authorizer: userArn === null ? {} : { iam: iamIdentity(userArn) },
      domainName: "admin.execute-api.us-east-1.amazonaws.com",
      domainPrefix: "admin",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "request-1",
      routeKey: "ANY /api/{proxy+}",
      stage: "$default",
      time: "21/Nov/2026:12:00:00 +0000",
      timeEpoch: 1_795_262_400_000,
    },
    ...(text === undefined ? {} : { body: text }),
    isBase64Encoded: false,
  };
  // Lambda leaves out a body that is not there; the library's type says null.
  return event as LambdaEvent;
}

function iamIdentity(userArn: string) {
  return {
    accessKey: "ASIAEXAMPLE",
    accountId: userArn.split(":")[4] ?? "",
    callerId: "AIDAEXAMPLE",
    cognitoIdentity: null,
    principalOrgId: null,
    userArn,
    userId: "AIDAEXAMPLE",
  };
}
