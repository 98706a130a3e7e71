import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SwitchChanges } from "../core/switches.ts";
import { anImage, anIndex, OCI_MANIFEST } from "../testing/image-builder.ts";
import { oneRegistry } from "../testing/one-registry.ts";
import { clientOf } from "../testing/registry-client.ts";

const repositoryName = "team/app";
const [a, b] = [anImage(["a"]), anImage(["b"])];
const index = anIndex([a]);
const about = anImage(["signature"], {
  subject: { mediaType: OCI_MANIFEST, digest: a.digest, size: a.bytes.byteLength },
});
const names = new Map([
  [a.digest, "a"],
  [b.digest, "b"],
  [index.digest, "index"],
  [about.digest, "about a"],
]);
const world = oneRegistry(repositoryName);
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

/** What was told since the last look: `PUSH a:tag`, and of which kind where it is not an image action. */
function told(): readonly string[] {
  return world.server.events.splice(0).map(({ detailType, detail }) => {
    const name = names.get(String(detail["image-digest"]));
    const tag = detail["image-tag"] ? `:${detail["image-tag"]}` : "";
    const kind = detailType === "ECR Image Action" ? "" : ` (${detailType})`;
    return `${detail["action-type"]} ${name}${tag}${kind}`;
  });
}
const push = (image: typeof a, tag?: string) => world.client.push(repositoryName, image, tag);
const remove = (...imageIds: object[]) => world.client.api("BatchDeleteImage", { repositoryName, imageIds });
const move = (imageDigest: string, targetStorageClass: string) =>
  world.client.api("UpdateImageStorageClass", {
    repositoryName,
    imageId: { imageDigest },
    targetStorageClass,
  });

async function pushTwice() {
  await push(a, "1");
  told();
  await push(a, "1");
}
async function retag() {
  await push(a, "1");
  told();
  await push(a, "2");
}
async function untag() {
  await retag();
  told();
  await remove({ imageTag: "1" });
}
async function deleteTwoTags() {
  await retag();
  told();
  await remove({ imageDigest: a.digest });
}
async function pushIndex() {
  await push(a);
  await push(index, "multi");
}
async function pushReferrer() {
  await push(a, "1");
  told();
  await push(about);
}
async function dropRepository() {
  await pushIndex();
  told();
  await world.client.api("DeleteRepository", { repositoryName, force: true });
}
async function reactivate() {
  await push(a, "1");
  await move(a.digest, "ARCHIVE");
  told();
  await push(a, "1");
}

const REFERRER = " (ECR Referrer Action)";
type Row = readonly [what: string, switches: SwitchChanges, events: string[], act: () => Promise<unknown>];

describe("what a registry tells, where AWS documents nothing", () => {
  test.each<Row>([
    ["an identical push", {}, [], pushTwice],
    ["an identical push", { repushEvents: true }, ["PUSH a:1"], pushTwice],
    ["a second tag", {}, ["PUSH a:2"], retag],
    ["a second tag", { retagEvents: false }, [], retag],
    ["one tag of two removed", {}, ["DELETE a:1"], untag],
    ["one tag of two removed", { untagEvents: false }, [], untag],
    ["an image with two tags deleted", {}, ["DELETE a:1", "DELETE a:2"], deleteTwoTags],
    ["an image with two tags deleted", { deleteEventsPer: "image" }, ["DELETE a"], deleteTwoTags],
    ["an index after its child", {}, ["PUSH a", "PUSH index:multi"], pushIndex],
    ["an index after its child", { untaggedPushEvents: false }, ["PUSH index:multi"], pushIndex],
    ["a referrer", {}, [`PUSH about a${REFERRER}`], pushReferrer],
    ["a referrer", { referrerEvents: "image" }, ["PUSH about a"], pushReferrer],
    ["a referrer", { referrerEvents: "both" }, [`PUSH about a${REFERRER}`, "PUSH about a"], pushReferrer],
    ["a repository deleted with its images", {}, [], dropRepository],
    [
      "a repository deleted with its images",
      { repositoryDeleteEvents: true },
      ["DELETE a", "DELETE index:multi"],
      dropRepository,
    ],
    ["an archived image pushed again", {}, ["PUSH a:1"], reactivate],
    [
      "an archived image pushed again",
      { reactivationEvents: true },
      ["PUSH a:1", "UPDATE_STORAGE_CLASS a"],
      reactivate,
    ],
  ])("of %s, with %j: %j", async (_what, switches, events, act) => {
    world.server.registry.setSwitches(switches);
    told();
    await act();
    expect([...told()].toSorted()).toEqual(events.toSorted());
  });

  test.each([
    [{}, { "image-tag": "", "manifest-media-type": OCI_MANIFEST }],
    [{ untaggedPushTag: "absent" }, { "image-tag": undefined, "manifest-media-type": OCI_MANIFEST }],
    [{ pushMediaTypes: false }, { "image-tag": "", "manifest-media-type": undefined }],
  ])("a push without a tag, with %j: %j", async (switches, members) => {
    world.server.registry.setSwitches(switches);
    world.server.events.length = 0;
    await push(a);
    const detail: Record<string, unknown> = world.server.events[0]?.detail ?? {};
    const shown = Object.keys(members).map((member) => [member, detail[member]]);
    expect(Object.fromEntries(shown)).toEqual(members);
  });

  test("a push that the API refuses because it is there already is told by no switch", async () => {
    await push(a, "1");
    world.server.registry.setSwitches({ repushEvents: true });
    told();
    const input = { repositoryName, imageManifest: a.bytes.toString(), imageTag: "1" };
    const { body } = await world.client.api("PutImage", input);
    expect(body["__type"]).toBe("ImageAlreadyExistsException");
    expect(told()).toEqual([]);
  });

  test("a retag that is not told of is replicated all the same", async () => {
    const destinations = [{ registryId: "111122223333", region: "us-west-2" }];
    await world.client.api("PutReplicationConfiguration", {
      replicationConfiguration: { rules: [{ destinations }] },
    });
    await push(a, "1");
    await world.server.registry.idle(); // A worker that is still busy would come upon the next job by itself.
    world.server.registry.setSwitches({ retagEvents: false });
    await push(a, "2");
    const there = clientOf(world.server, { region: "us-west-2" });
    await expect
      .poll(async () => (await there.v2({ method: "HEAD", path: "/v2/team/app/manifests/2" })).status)
      .toBe(200);
  });
});
