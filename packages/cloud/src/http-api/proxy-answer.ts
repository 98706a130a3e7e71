import * as z from "zod";

export type ApiAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | string;
};

const HeaderValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Formatted = z.looseObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), HeaderValue).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/**
 * What a function answered, as HTTP. An object with `statusCode` says everything itself; any other value is a JSON body
 * (a string: its text) with status 200. Undefined: API Gateway could not make an answer of it.
 */
export function proxyAnswer(payload: unknown): ApiAnswer | undefined {
  if (typeof payload !== "object" || payload === null || !("statusCode" in payload))
    return bareAnswer(payload);
  const parsed = Formatted.safeParse(payload);
  if (!parsed.success) return undefined;
  const { statusCode: status, headers = {}, cookies = [], body = "", isBase64Encoded } = parsed.data;
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    status,
    headers: {
      "content-type": "text/plain;charset=UTF-8",
      ...lower,
      ...(cookies.length > 0 && { "set-cookie": cookies }),
    },
    body: isBase64Encoded ? Buffer.from(body, "base64") : body,
  };
}

function bareAnswer(payload: unknown): ApiAnswer {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

/** API Gateway's own answers: `{"message": "..."}`. */
export function gatewayAnswer(status: number, message: string): ApiAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}
