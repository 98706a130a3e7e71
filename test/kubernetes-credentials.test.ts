import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { AwsV4Signer } from "aws4fetch";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { findCredentials } from "../docs/kubernetes/reporter/credentials.mts";
import { gather } from "../docs/kubernetes/reporter/gather.mts";
import { send } from "../docs/kubernetes/reporter/http.mts";
import { readSettings } from "../docs/kubernetes/reporter/settings.mts";
import { escapeUri, signedHeaders } from "../docs/kubernetes/reporter/sign.mts";
import { KubernetesApi } from "./support/kubernetes/kubernetes-api.ts";
import { Reporting } from "./support/kubernetes/reporting.ts";
import { aTokenFile, SETTINGS } from "./support/kubernetes/run-reporter.ts";

const TLS = join(import.meta.dirname, "support/kubernetes/tls");
const pem = (name: string) => join(TLS, `${name}.pem`);
const KEYS = { AccessKeyId: "test2", SecretAccessKey: "test2" };

/** Somebody who hands out credentials, and notes how he was asked. */
async function giver(status: number, body: string) {
  const asked: { method: string; url: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, url, authorization: headers.authorization, body: await text(request) });
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const assumed = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>
    <SessionToken>IQoJ//token==</SessionToken><Expiration>2026-11-22T09:00:00Z</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
const IRSA = { AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/tallyman-reporter-shop" };

describe("credentials", () => {
  test("of the environment come first", async () => {
    const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_SESSION_TOKEN: "c", ...IRSA };
    const given = { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" };
    expect(await findCredentials(env, "us-east-1")).toEqual(given);
  });

  test("by a role of the service account are asked of STS with the pod's token, unsigned", async () => {
    const sts = await giver(200, assumed);
    const tokenFile = { AWS_WEB_IDENTITY_TOKEN_FILE: aTokenFile("projected.token") };
    const env = { ...IRSA, ...tokenFile, AWS_ENDPOINT_URL_STS: sts.url };
    expect(await findCredentials(env, "us-east-1")).toEqual({
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "a/b+c",
      sessionToken: "IQoJ//token==",
    });
    const [{ method, authorization, body } = { body: "" }] = sts.asked;
    expect({ method, authorization }).toEqual({ method: "POST", authorization: undefined });
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: IRSA.AWS_ROLE_ARN,
      WebIdentityToken: "projected.token",
    });
  });

  test("by EKS Pod Identity are asked of the agent on the node", async () => {
    const agent = await giver(
      200,
      JSON.stringify({ ...KEYS, Token: "session", Expiration: "2026-11-22T09:00:00Z" }),
    );
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: aTokenFile("pod identity token"),
    };
    expect(await findCredentials(env, "us-east-1")).toMatchObject({ sessionToken: "session" });
    expect(agent.asked).toMatchObject([
      { method: "GET", url: "/v1/credentials", authorization: "pod identity token" },
    ]);
  });

  test.each<[string, number, string, RegExp]>([
    [
      "refuses",
      403,
      "<Error><Message>Not authorized</Message></Error>",
      /STS does not give .*shop: 403 Not authorized/,
    ],
    [
      "forgets the token",
      200,
      assumed.replace(/<SessionToken>.*<\/SessionToken>/, ""),
      /without credentials/,
    ],
    ["answers with nothing", 200, "", /without credentials/],
  ])("are not there when STS %s", async (_, status, body, why) => {
    const sts = await giver(status, body);
    const env = { ...IRSA, AWS_WEB_IDENTITY_TOKEN_FILE: aTokenFile(), AWS_ENDPOINT_URL_STS: sts.url };
    await expect(findCredentials(env, "us-east-1")).rejects.toThrow(why);
  });

  test.each<[string, object, RegExp]>([
    ["nothing says where from", {}, /no AWS credentials: annotate the service account/],
    [
      "the agent would be elsewhere",
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://10.0.0.1/" },
      /10\.0\.0\.1 is not of this node/,
    ],
    [
      "STS would be asked in the clear",
      { ...IRSA, AWS_WEB_IDENTITY_TOKEN_FILE: "/x", AWS_ENDPOINT_URL_STS: "http://sts.example.com" },
      /not https/,
    ],
    ["the token is not mounted", { ...IRSA, AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token" }, /ENOENT/],
  ])("are not there when %s", async (_, env, why) => {
    await expect(findCredentials({ ...env }, "us-east-1")).rejects.toThrow(why);
  });

  test("that are not there end the run before anything is listed", async () => {
    const reporting = await Reporting.start();
    try {
      const run = await reporting.run({ AWS_ACCESS_KEY_ID: "" });
      reporting.expectNothingReported(run, /no AWS credentials/);
      expect(reporting.kubernetes.requests).toEqual([]);
    } finally {
      await reporting.close();
    }
  });
});

test("requests are signed as another implementation of Signature Version 4 signs them", async () => {
  const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((it) => it.isWellFormed());
  const segment = fc.oneof(word, fc.constantFrom("usage", "a b", "ü", "x!'()*", "a%2Fb"));
  const path = fc.array(
    segment.filter((it) => !/^\.+$/.test(it)),
    { minLength: 1, maxLength: 4 },
  );
  const query = fc.uniqueArray(fc.tuple(word, word), { selector: ([name]) => name, maxLength: 3 });
  const session = fc.option(
    word.map((it) => Buffer.from(it).toString("base64")),
    { nil: undefined },
  );
  const signs = fc.asyncProperty(
    path,
    query,
    session,
    fc.string(),
    async (parts, pairs, sessionToken, body) => {
      const url = new URL(
        `https://abc.execute-api.us-east-1.amazonaws.com/${parts.map(escapeUri).join("/")}`,
      );
      url.search = pairs.map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`).join("&");
      const credentials = {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: "secret",
        ...(sessionToken && { sessionToken }),
      };
      const now = new Date("2026-11-22T07:08:09.123Z");
      const request = { method: "PUT", url, body, region: "us-east-1", service: "execute-api", now };
      const { datetime, ...other } = {
        datetime: "20261122T070809Z",
        ...credentials,
        ...request,
        url: url.href,
      };
      const signer = new AwsV4Signer({ ...other, datetime });
      const expected = new Headers((await signer.sign()).headers).get("authorization")?.replaceAll(", ", ",");
      expect(signedHeaders(request, credentials)["authorization"]?.replaceAll(", ", ",")).toBe(expected);
    },
  );
  await fc.assert(signs, { numRuns: 300 });
});

test("an answer that is larger than it may be is no answer", async () => {
  const { url } = await giver(200, "x".repeat(1001));
  await expect(send({ url: new URL(url), most: 1000 })).rejects.toThrow(/the answer has more than/);
  expect(await send({ url: new URL(url), most: 1001 })).toMatchObject({ status: 200 });
});

describe("the cluster's certificate", () => {
  const gathering = async (name?: string) => {
    const kubernetes = await KubernetesApi.start({
      key: readFileSync(pem("key"), "utf8"),
      cert: readFileSync(pem("cert"), "utf8"),
    });
    onTestFinished(() => kubernetes.close());
    const ca = name === undefined ? {} : { ca: readFileSync(pem(name), "utf8") };
    return gather({ url: new URL(kubernetes.url), tokenFile: aTokenFile(), ...ca });
  };

  test("is that of the authority which the pod was given", async () => {
    expect((await gathering("cert")).uses).toEqual([]);
  });

  test.each([
    ["no", undefined],
    ["another", "other"],
  ])("of %s authority ends it before the token is sent", async (_, name) => {
    await expect(gathering(name)).rejects.toThrow(/certificate/);
  });
});

describe("without other word", () => {
  const settings = (env: object) =>
    readSettings({ ...SETTINGS, TALLYMAN_ENDPOINT: "https://x.example.com", ...env }, []);

  test("the cluster is the one the pod is in, with the token and the authority that it was given", () => {
    const found = settings({ KUBERNETES_SERVICE_HOST: "10.100.0.1", KUBERNETES_SERVICE_PORT: "443" });
    expect(found).toMatchObject({
      scope: "shop",
      tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token",
      caFile: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
    });
    expect(found.kubernetes.href).toBe("https://10.100.0.1/");
    expect(settings({ KUBERNETES_SERVICE_HOST: "fd00::1" }).kubernetes.href).toBe("https://[fd00::1]/");
    expect(settings({}).kubernetes.href).toBe("https://kubernetes.default.svc/");
  });

  test("no token goes to another cluster's address than the one it is for", () => {
    expect(settings({ KUBERNETES_API: "http://127.0.0.1:8001" }).tokenFile).toBeUndefined();
  });

  test.each([
    ["https://abc.execute-api.eu-central-1.amazonaws.com", "eu-central-1"],
    ["https://abc.execute-api.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["https://tallyman.example.com", "us-east-1"],
  ])("requests to %s are signed for %s", (TALLYMAN_ENDPOINT, region) => {
    expect(settings({ TALLYMAN_ENDPOINT }).signingRegion).toBe(region);
  });

  test("requests to a domain of one's own are signed for the Region that is said", () => {
    const elsewhere = { TALLYMAN_API_REGION: "eu-west-1" };
    expect(settings(elsewhere).signingRegion).toBe("eu-west-1");
    const TALLYMAN_ENDPOINT = "https://abc.execute-api.us-east-1.amazonaws.com";
    expect(settings({ ...elsewhere, TALLYMAN_ENDPOINT }).signingRegion).toBe("us-east-1");
  });
});
