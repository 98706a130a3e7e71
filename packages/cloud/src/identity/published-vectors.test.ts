import { describe, expect, it } from "vitest";
import { headersOf } from "../http/aws-border.ts";
import { createIdentity, type Identity } from "./identity.ts";
import { verifySignature, type WireRequest } from "./verify-signature.ts";

// AWS's Signature Version 4 test suite: Credential AKIDEXAMPLE, 20150830T123600Z, us-east-1, service "service". A row is what
// the suite sends, and the signature that it publishes for that. Paths are as they are signed for a service other than S3.
const key = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
const token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
const unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

type Headers = readonly (readonly [name: string, value: string])[];
type Vector = {
  readonly name: string;
  readonly target?: string;
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string;
  readonly signed?: string;
  readonly signature: string;
};

const inHeader: readonly Vector[] = [
  { name: "get-vanilla", signature: vanilla },
  {
    name: "post-vanilla",
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  {
    name: "get-header-key-duplicate",
    headers: [
      ["My-Header1", "value2"],
      ["My-Header1", "value2"],
      ["My-Header1", "value1"],
    ],
    signed: "host;my-header1;x-amz-date",
    signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
  },
  {
    name: "get-header-value-order",
    headers: [
      ["My-Header1", "value4"],
      ["My-Header1", "value1"],
      ["My-Header1", "value3"],
      ["My-Header1", "value2"],
    ],
    signed: "host;my-header1;x-amz-date",
    signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
  },
  {
    name: "get-header-value-trim",
    headers: [
      ["My-Header1", " value1"],
      ["My-Header2", ' "a   b   c"'],
    ],
    signed: "host;my-header1;my-header2;x-amz-date",
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  {
    name: "post-header-value-case",
    method: "POST",
    headers: [["My-Header1", "VALUE1"]],
    signed: "host;my-header1;x-amz-date",
    signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    headers: [
      ["Content-Type", "application/x-www-form-urlencoded"],
      ["Content-Length", "13"],
      ["x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"],
    ],
    body: "Param1=value1",
    signed: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
    signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
  },
  { name: "get-relative-normalized", target: "/example/..", signature: vanilla },
  { name: "get-relative-relative-normalized", target: "/example1/example2/../..", signature: vanilla },
  { name: "get-slash-dot-slash-normalized", target: "/./", signature: vanilla },
  {
    name: "get-slash-pointless-dot-normalized",
    target: "/./example",
    signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
  },
  {
    name: "get-slashes-normalized",
    target: "//example//",
    signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
  },
  {
    name: "get-space-normalized",
    target: "/example space/",
    signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
  },
  {
    name: "get-unreserved",
    target: `/${unreserved}`,
    signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  },
  {
    name: "get-utf8",
    target: "/ሴ",
    signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
  },
  {
    name: "get-vanilla-query-order-key-case",
    target: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "get-vanilla-query-order-encoded",
    target: "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
    signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
  },
  {
    name: "get-vanilla-query-unreserved",
    target: `/?${unreserved}=${unreserved}`,
    signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  },
  {
    name: "get-vanilla-utf8-query",
    target: "/?ሴ=bar",
    signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
  },
  {
    name: "get-vanilla-with-session-token",
    headers: [["X-Amz-Security-Token", token]],
    signed: "host;x-amz-date;x-amz-security-token",
    signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
  },
];

const inQuery: readonly Vector[] = [
  {
    name: "get-vanilla-empty-query-key",
    target: "/?Param1=value1",
    signature: "49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de",
  },
  {
    name: "get-utf8",
    target: "/ሴ",
    signature: "10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44",
  },
  {
    name: "get-vanilla-utf8-query",
    target: "/?ሴ=bar",
    signature: "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600",
  },
  {
    name: "get-header-value-trim",
    headers: [
      ["My-Header1", " value1"],
      ["My-Header2", ' "a   b   c"'],
    ],
    signed: "host;my-header1;my-header2",
    signature: "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4",
  },
  {
    name: "get-slashes-normalized",
    target: "//example//",
    signature: "c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082",
  },
];

/** Somebody has the suite's key, and its session token; the clock stands where the suite's stands, or so many seconds later. */
function anIdentity(later = 0): Identity {
  const now = () => new Date(Date.parse("2015-08-30T12:36:00Z") + later * 1000);
  const principals = [{ name: "example", ...key, policies: [] }];
  const accounts = { accounts: [{ id: "123456789012", principals }] };
  const identity = createIdentity({ now, wallClock: now, accounts });
  const caller = { account: "123456789012", arn: "arn:aws:sts::123456789012:assumed-role/example/one" };
  const { secretAccessKey } = key;
  const session = {
    caller,
    secretAccessKey,
    clock: "wall" as const,
    expiration: new Date("2015-08-30T13:00:00Z"),
  };
  return { ...identity, sessions: { ...identity.sessions, find: () => session } };
}

function requestOf(
  vector: Vector,
  authorization: { readonly headers?: Headers; readonly query?: string },
): WireRequest {
  const { method = "GET", target = "/", headers = [], body = "" } = vector;
  const [path = "/", own = ""] = target.split("?");
  const all = [["Host", "example.amazonaws.com"], ...headers, ...(authorization.headers ?? [])];
  return {
    method,
    path,
    query: [own, authorization.query ?? ""].filter((part) => part !== "").join("&"),
    headers: headersOf({ rawHeaders: all.flat() }),
    body: Buffer.from(body),
  };
}

function signedInHeader(vector: Vector, signature = vector.signature): WireRequest {
  const fields = `Credential=${scope}, SignedHeaders=${vector.signed ?? "host;x-amz-date"}, Signature=${signature}`;
  const headers = [
    ["Authorization", `AWS4-HMAC-SHA256 ${fields}`],
    ["X-Amz-Date", "20150830T123600Z"],
  ] as const;
  return requestOf(vector, { headers });
}

function signedInQuery(vector: Vector, signature = vector.signature): WireRequest {
  const query = [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    `X-Amz-Credential=${encodeURIComponent(scope)}`,
    "X-Amz-Date=20150830T123600Z",
    `X-Amz-SignedHeaders=${encodeURIComponent(vector.signed ?? "host")}`,
    "X-Amz-Expires=3600",
    `X-Amz-Signature=${signature}`,
  ].join("&");
  return requestOf(vector, { query });
}

const another = (signature: string) => `${signature.slice(0, -1)}${signature.endsWith("0") ? "1" : "0"}`;

describe("AWS's published test suite", () => {
  it.each(inHeader)("$name is accepted, signed in the header, and nothing else is", (vector) => {
    expect(verifySignature(anIdentity(), signedInHeader(vector)).account).toBe("123456789012");
    const forged = signedInHeader(vector, another(vector.signature));
    expect(() => verifySignature(anIdentity(), forged)).toThrow(/does not match/);
  });

  it.each(inQuery)("$name is accepted, signed in the query, until it expires", (vector) => {
    expect(verifySignature(anIdentity(3600), signedInQuery(vector)).account).toBe("123456789012");
    expect(() => verifySignature(anIdentity(3601), signedInQuery(vector))).toThrow(/^Signature expired/);
    const forged = signedInQuery(vector, another(vector.signature));
    expect(() => verifySignature(anIdentity(), forged)).toThrow(/does not match/);
  });
});
