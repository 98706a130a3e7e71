// Just enough of AWS, in the bench's own process, for the first message of a function: an image that nobody knows yet, in
// a registry that copies nothing, under a policy that has a rule for it. What is measured is the function; the product's
// tests run it against the embedded cloud.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { aManifest } from "../builders/manifest.ts";

const MANIFEST = aManifest("first message");
const IMAGE = {
  imageDigest: MANIFEST.digest,
  imageTags: ["1.4.2"],
  imageManifestMediaType: MANIFEST.mediaType,
};
const RULE = { name: "releases", repositories: ["prod/**"], allow: [{ format: "semver" }], notify: true };
const CREDENTIALS =
  "<AccessKeyId>ASIAREADER</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>";

/** Answers by the last part of `x-amz-target`. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  GetItem: {},
  BatchGetItem: { Responses: {}, UnprocessedKeys: {} },
  PutItem: {},
  Query: { Items: [], Count: 0, ScannedCount: 0 },
  DescribeImages: { imageDetails: [{ ...IMAGE, imageStatus: "ACTIVE", imagePushedAt: 1_795_255_200 }] },
  ListPullTimeUpdateExclusions: {
    pullTimeUpdateExclusions: ["arn:aws:iam::111122223333:role/tallyman-reader"],
  },
  BatchGetImage: {
    images: [
      {
        imageManifest: new TextDecoder().decode(MANIFEST.bytes),
        imageManifestMediaType: MANIFEST.mediaType,
      },
    ],
    failures: [],
  },
  DescribeRegistry: { replicationConfiguration: { rules: [] } },
};

/** The pushed image, as the event of its push names it. */
export const FIRST_IMAGE = { digest: MANIFEST.digest, tag: "1.4.2" };

/** The SDK looks whether SQS received what it sent. */
function sent(body: string): Readonly<Record<string, string>> {
  const { MessageBody } = JSON.parse(body) as { readonly MessageBody: string };
  const digest = createHash("md5").update(MessageBody).digest("hex");
  return { MessageId: "message", MD5OfMessageBody: digest };
}

export type AnsweringAws = { readonly url: string; close(): void };

export async function startAnsweringAws(): Promise<AnsweringAws> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = answerTo(request, body);
    response.statusCode = answer === undefined ? 501 : 200;
    response.end(answer ?? "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answerTo({ headers, url = "/" }: IncomingMessage, body: string): string | undefined {
  const operation = String(headers["x-amz-target"] ?? "").split(".")[1];
  if (operation === "SendMessage") return JSON.stringify(sent(body));
  if (operation !== undefined) {
    const answer = ANSWERS[operation];
    return answer === undefined ? undefined : JSON.stringify(answer);
  }
  if (url === "/archive/policy/current.json")
    return JSON.stringify({ version: 1, tagging: { rules: [RULE] } });
  if (url === "/archive/config/registries.json")
    return JSON.stringify({ registries: [{ account: "111122223333", region: "us-east-1" }] });
  if (url.startsWith("/archive/")) return "";
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials>${CREDENTIALS}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}
