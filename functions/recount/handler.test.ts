import { parseManifest } from "@tallyman/domain/manifest/parse-manifest";
import { expect, test } from "vitest";
import { functionDeps } from "../../test/builders/function-deps.ts";
import { aManifest } from "../../test/builders/manifest.ts";
import { anImageRecord, aTagPointer } from "../../test/builders/records.ts";
import { aRepository } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const IMAGE = aManifest("image");
const HEARD_AT = "2026-11-16T01:53:35.000Z";

function setUp() {
  const { deps } = functionDeps();
  const handler = createHandler(deps);
  const deliver = async (body: unknown) => {
    const answer = await handler(anSqsEvent({ body, group: "group" }), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { deps, deliver };
}

test("a repository is counted, listed and summarised as of now", async () => {
  const { deps, deliver } = setUp();
  await deps.images.putImage(anImageRecord({ digest: IMAGE.digest }));
  await deps.tags.moveTag(undefined, aTagPointer({ digest: IMAGE.digest }));
  await deps.manifests.putManifest({ ...IMAGE, contents: parseManifest(IMAGE) });
  expect(await deliver({ ...WEB, heardAt: HEARD_AT })).toEqual([]);
  expect(await deps.summaries.findSummary(WEB)).toEqual({
    ...WEB,
    images: 1,
    tags: 1,
    openViolations: 0,
    bytes: 1_048_576,
    billedBytes: 1_048_576,
    archivedBytes: 0,
    imagesOfUnknownSize: 0,
    asOf: "2026-11-16T01:54:35.000Z",
    lastEventAt: HEARD_AT,
    version: 1,
  });
  expect(await deps.listings.findListing(WEB)).toMatchObject({
    asOf: "2026-11-16T01:54:35.000Z",
    images: [{ digest: IMAGE.digest, tags: ["1.4.2"], layers: [0] }],
  });
});

test.each([
  ["no repository", { account: WEB.account, region: WEB.region, heardAt: HEARD_AT }],
  ["no time", { ...WEB, heardAt: "yesterday" }],
  ["more than is known", { ...WEB, heardAt: HEARD_AT, force: true }],
])("a message with %s fails and writes nothing", async (_, body) => {
  const { deps, deliver } = setUp();
  expect(await deliver(body)).toEqual(["message-1"]);
  expect(deps.journal.writes).toEqual([]);
});

test("a repository whose records cannot be read fails, and its message comes back", async () => {
  const { deps } = setUp();
  const images = {
    listImages: () => {
      throw new Error("DynamoDB did not answer");
    },
  };
  const handler = createHandler({ ...deps, images });
  const answer = await handler(
    anSqsEvent({ body: { ...WEB, heardAt: HEARD_AT }, group: "group" }),
    aLambdaContext(),
  );
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "message-1" }]);
});
