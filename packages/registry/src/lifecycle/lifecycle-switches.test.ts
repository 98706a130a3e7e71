import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LIFECYCLE_SWITCHES } from "../core/switches/lifecycle.ts";
import type { SwitchChanges } from "../core/switches.ts";
import { anImage, anIndex, type BuiltManifest, descriptor } from "../testing/image-builder.ts";
import { oneRegistry } from "../testing/one-registry.ts";

const DAY = 86_400_000;
const repositoryName = "team/app";
const any = { tagStatus: "any" };
const untagged = { tagStatus: "untagged" };
const tagged = (...tagPatternList: string[]) => ({ tagStatus: "tagged", tagPatternList });
const older = (countNumber: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber });
const more = (countNumber: number) => ({ countType: "imageCountMoreThan", countNumber });
const archived = { storageClass: "archive", ...older(90), countType: "sinceImageTransitioned" };
const archive = { type: "transition", targetStorageClass: "archive" };

const world = oneRegistry(repositoryName);
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

function pass(milliseconds: number): void {
  world.server.clock.now = new Date(world.server.clock.now.getTime() + milliseconds);
}
async function push(name: string, tag?: string, image = anImage([name])): Promise<BuiltManifest> {
  expect((await world.client.push(repositoryName, image, tag)).status).toBe(201);
  return image;
}
async function pushAbout({ mediaType, bytes }: BuiltManifest): Promise<BuiltManifest> {
  return push("about", undefined, anImage(["about"], { subject: descriptor(mediaType, bytes) }));
}
async function put(...rules: (readonly [selection: object, action?: object])[]): Promise<number> {
  const numbered = rules.map(([selection, action = { type: "expire" }], index) => ({
    rulePriority: index + 1,
    description: "Long enough for a policy's text",
    selection,
    action,
  }));
  const lifecyclePolicyText = JSON.stringify({ rules: numbered });
  return (await world.client.api("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText })).status;
}
/** How many images a run leaves. */
async function left(): Promise<number> {
  await world.server.registry.runLifecycle("all");
  const { body } = await world.client.api("DescribeImages", {
    repositoryName,
    filter: { imageStatus: "ANY" },
  });
  return (body["imageDetails"] as unknown as unknown[]).length;
}

async function explicitStandard() {
  return put([{ ...any, storageClass: "standard", ...more(1) }]);
}
async function exactlyAsOld() {
  await push("a", "1");
  await put([{ ...any, ...older(14) }]);
  pass(14 * DAY);
  return left();
}
async function olderByLessThanADay() {
  await push("a", "1");
  await put([{ ...any, ...older(14) }]);
  pass(15 * DAY - 1);
  return left();
}
async function archivedAndShielded() {
  await push("a", "prod-1");
  const imageId = { imageTag: "prod-1" };
  await world.client.api("UpdateImageStorageClass", {
    repositoryName,
    imageId,
    targetStorageClass: "ARCHIVE",
  });
  await put([{ ...tagged("prod*"), ...more(5) }], [{ ...any, ...archived }]);
  pass(91 * DAY);
  return left();
}
async function twoUntaggedRules() {
  return put([{ ...untagged, ...older(1) }, archive], [{ ...untagged, ...older(9) }]);
}
async function entryInTwoLists() {
  return put([{ ...tagged("a*"), ...more(1) }], [{ ...tagged("a*", "b*"), ...more(1) }]);
}
async function blockedChild() {
  await push("index", "1", anIndex([await push("a")]));
  await put([{ ...untagged, ...older(1) }]);
  pass(2 * DAY);
  const [run] = await world.server.registry.runLifecycle("all");
  return run?.failed.length;
}
async function previewAfterTwoHours() {
  await put([{ ...any, ...more(1) }]);
  await world.client.api("StartLifecyclePolicyPreview", { repositoryName });
  pass(2 * 60 * 60 * 1000);
  return (await world.client.api("GetLifecyclePolicyPreview", { repositoryName })).body["status"];
}
async function referrerOfWhatIsGone() {
  await pushAbout(await push("a", "1"));
  await world.client.api("BatchDeleteImage", { repositoryName, imageIds: [{ imageTag: "1" }] });
  pass(2 * DAY);
  return left();
}
async function referrerAlone() {
  await pushAbout(await push("a", "1"));
  await put([{ ...untagged, ...older(1) }]);
  pass(2 * DAY);
  return left();
}

type Row = readonly [what: string, switches: SwitchChanges, outcome: unknown, act: () => Promise<unknown>];

const ROWS: readonly Row[] = [
  ["status of a policy that says standard", { acceptExplicitStandard: true }, 200, explicitStandard],
  ["status of a policy that says standard", { acceptExplicitStandard: false }, 400, explicitStandard],
  ["images left that are exactly as old", { ageLimit: "exceeded" }, 1, exactlyAsOld],
  ["images left that are exactly as old", { ageLimit: "reached" }, 0, exactlyAsOld],
  ["images left that are half a day too old", { ageUnit: "exact" }, 0, olderByLessThanADay],
  ["images left that are half a day too old", { ageUnit: "wholeDays" }, 1, olderByLessThanADay],
  ["archived images left", { shieldAcrossStorageClasses: false }, 0, archivedAndShielded],
  ["archived images left", { shieldAcrossStorageClasses: true }, 1, archivedAndShielded],
  ["status of two untagged rules", { oneUntaggedRulePer: "storageClass" }, 400, twoUntaggedRules],
  ["status of two untagged rules", { oneUntaggedRulePer: "storageClassAndAction" }, 200, twoUntaggedRules],
  ["status of a pattern in two lists", { uniqueTags: "list" }, 200, entryInTwoLists],
  ["status of a pattern in two lists", { uniqueTags: "entry" }, 400, entryInTwoLists],
  ["children reported as blocked", { indexChildren: "excluded" }, 0, blockedChild],
  ["children reported as blocked", { indexChildren: "ranked" }, 1, blockedChild],
  ["status of an old preview", { previewLife: "24h" }, "COMPLETE", previewAfterTwoHours],
  ["status of an old preview", { previewLife: "1h" }, "EXPIRED", previewAfterTwoHours],
  ["referrers left of what is gone", { followWithoutPolicy: false }, 1, referrerOfWhatIsGone],
  ["referrers left of what is gone", { followWithoutPolicy: true }, 0, referrerOfWhatIsGone],
  ["images left where a rule meets a referrer", { selectReferrers: false }, 2, referrerAlone],
  ["images left where a rule meets a referrer", { selectReferrers: true }, 1, referrerAlone],
];

describe("what lifecycle policies do, where AWS documents nothing, chosen while the registry runs", () => {
  test.each(ROWS)("%s, with %j: %j", async (_what, switches, outcome, act) => {
    world.server.registry.setSwitches(switches);
    expect(await act()).toBe(outcome);
  });

  test("each choice is tried with each of its values", () => {
    const tried = ROWS.map(([, switches]) => JSON.stringify(switches)).toSorted();
    const all = Object.entries(LIFECYCLE_SWITCHES).flatMap(([name, schema]) => {
      const values =
        "options" in schema.unwrap() ? (schema.unwrap() as { options: unknown[] }).options : [false, true];
      return values.map((value) => JSON.stringify({ [name]: value }));
    });
    expect(tried).toEqual(all.toSorted());
  });
});
