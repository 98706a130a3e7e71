import { beforeEach, describe, expect, test } from "vitest";
import { aPast } from "../../test/builders/a-past.ts";
import { anApiEvent } from "../../test/builders/api-event.ts";
import { aDigest } from "../../test/builders/digest.ts";
import { aDeed } from "../../test/builders/history.ts";
import { aTagPointer, ended } from "../../test/builders/records.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../test/fakes/memory-api.ts";
import { createHandler } from "./handler.ts";

const EAST = "account=111122223333&region=us-east-1";
const WEB = `${EAST}&repository=prod/web`;
const [A, B] = [aDigest("A"), aDigest("B")];
const ANA = "arn:aws:iam::111122223333:user/ana";
const BEN = "arn:aws:iam::111122223333:user/ben";

let api: MemoryApi;

beforeEach(async () => {
  api = memoryApi();
  await aPast(api);
});

async function get(path: string) {
  const answer = await createHandler(api.deps)(anApiEvent({ path: `/api/v1${path}` }), aLambdaContext("api"));
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

type Entry = { what: string; tag?: string; by?: string; region?: string };
const story = (life: readonly Entry[]) =>
  life.map(({ what, tag, by }) => [what, tag, by?.split("/").at(-1)].filter(Boolean).join(" "));

const IN_EAST = [
  "pushed ana",
  "tagged 1.4.2 ana",
  "tagged latest ana",
  "copied 1.4.2",
  "untagged latest ben",
  "archived",
  "restored",
  "untagged 1.4.2 lifecycle policy",
  "expired lifecycle policy",
];

describe("the life of an image", () => {
  test("is told from its push to its end, with who did it", async () => {
    const { body } = await get(`/images/${A}/life?${WEB}`);
    expect(story(body.items)).toEqual(IN_EAST);
    expect(body.items.at(-1)).toMatchObject({ cause: "lifecycle", why: "lifecycle rule 2: keep ten" });
    expect(body.items.find((it: Entry) => it.what === "copied")).toMatchObject({
      registry: { account: "111122223333", region: "us-west-2" },
    });
  });

  test("is given page by page", async () => {
    const told: Entry[] = [];
    let cursor = "";
    do {
      const { body } = await get(`/images/${A}/life?${WEB}&limit=2${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      told.push(...body.items);
      cursor = body.next === undefined ? "" : `&cursor=${body.next}`;
    } while (cursor !== "");
    expect(story(told)).toEqual(IN_EAST);
  });

  test("of what was never seen is not found", async () => {
    expect((await get(`/images/${aDigest("never")}/life?${WEB}`)).status).toBe(404);
    expect((await get(`/images/${A}/life?${EAST}&repository=prod/other`)).status).toBe(404);
  });
});

describe("why", () => {
  test("a tag: where it is and was, what happened, what it breaks, and how sure that is", async () => {
    const { status, body } = await get("/why?repository=prod/web&tag=1.4.2");
    expect(status).toBe(200);
    expect(body.subject).toEqual({ repository: "prod/web", tag: "1.4.2" });
    expect(body.here).toMatchObject([
      { region: "us-west-2", digest: A, tags: ["1.4.2"], cause: "replication" },
    ]);
    expect(body.gone).toMatchObject([{ region: "us-east-1", state: "closed", tags: [], cause: "lifecycle" }]);
    expect(body.pointers.map((it: { region: string; digest: string }) => [it.region, it.digest])).toEqual([
      ["us-east-1", null],
      ["us-west-2", A],
    ]);
    const inEast = body.life.filter((it: Entry) => it.region === "us-east-1");
    expect(story(inEast)).toEqual(IN_EAST);
    expect(story(body.life)).toHaveLength(IN_EAST.length + 2);
    expect(body.violations).toMatchObject([{ region: "us-west-2", tag: "1.4.2", state: "open" }]);
    expect(body.replicas).toMatchObject([{ state: "arrived" }]);
    expect(body.more).toBe(false);
    expect(body.sure).toMatchObject([
      { region: "us-east-1", reconciledAt: "2026-11-21T10:05:00.000Z" },
      { region: "us-west-2", unknown: [expect.stringContaining("No reconcile")] },
    ]);
  });

  test.each([
    ["a digest everywhere", `digest=${A}`, 1, 1],
    ["a digest in one repository", `repository=prod/web&digest=${A}`, 1, 1],
    ["a digest in one registry", `${WEB}&digest=${A}`, 0, 1],
    ["a tag in one registry", `${WEB}&tag=1.4.2`, 0, 1],
  ])("%s", async (_, query, here, gone) => {
    const { body } = await get(`/why?${query}`);
    expect([body.here.length, body.gone.length]).toEqual([here, gone]);
  });

  test.each([
    "repository=prod/web&tag=never",
    "repository=prod/other&tag=1.4.2",
    `digest=${aDigest("never")}`,
    `${WEB}&digest=${aDigest("never")}`,
  ])("%s was never seen: not found", async (query) => {
    const { status, body } = await get(`/why?${query}`);
    expect([status, body.detail]).toEqual([404, expect.stringContaining("never seen")]);
  });

  test.each([
    "",
    "repository=prod/web",
    "tag=1.4.2",
    `repository=prod/web&tag=1.4.2&digest=${A}`,
    `account=111122223333&repository=prod/web&tag=1.4.2`,
    `${EAST}&digest=${A}`,
  ])("?%s is not a question", async (query) => {
    expect((await get(`/why?${query}`)).status).toBe(400);
  });
});

describe("what changed", () => {
  const changed = (body: { items: { kind: string; tag?: string; region: string; state: string }[] }) =>
    body.items.map(({ kind, tag, region, state }) => `${region} ${tag ?? kind} ${state}`);

  test("since a time is listed as it is now, the latest first", async () => {
    const { body } = await get("/changes?since=2026-11-21T10:05:00Z");
    expect(changed(body).toSorted()).toEqual([
      "us-east-1 1.4.2 gone",
      "us-east-1 image gone",
      "us-east-1 latest here",
    ]);
    expect(body.items.at(-1)).toMatchObject({ tag: "latest", digest: B, cause: "push" });
    expect(body.items[0]).toMatchObject({
      at: "2026-11-21T10:40:00.000Z",
      why: "lifecycle rule 2: keep ten",
    });
  });

  test.each([
    ["2h", 5],
    ["PT1H55M", 3],
    ["1h", 0],
    ["P1D", 5],
    ["2026-11-21", 5],
  ])("since %s, at noon", async (since, count) => {
    const { body } = await get(`/changes?since=${since}`);
    expect(body.items).toHaveLength(count);
  });

  test.each([
    ["region=us-west-2&account=111122223333", 2],
    ["repository=prod/web", 5],
    ["repository=prod/other", 0],
  ])("with %s", async (filter, count) => {
    expect((await get(`/changes?since=P1D&${filter}`)).body.items).toHaveLength(count);
  });

  test("since a duration begins at the same time on every page", async () => {
    const first = await get("/changes?since=2h&limit=2");
    api.deps.now = () => new Date("2026-11-21T13:00:00.000Z");
    const rest = await get(`/changes?since=2h&limit=3&cursor=${first.body.next}`);
    expect(first.body.items.length + rest.body.items.length).toBe(5);
  });

  test.each(["yesterday", "2 h", "P", "91d", "2026-13-01", "2026-08-01T00:00:00Z"])(
    "since %s is refused with what it may be",
    async (since) => {
      const { status, body } = await get(`/changes?since=${encodeURIComponent(since)}`);
      expect([status, body.errors[0].parameter]).toEqual([400, "since"]);
    },
  );
});

test("a tag's history says who brought it there, and who took it away", async () => {
  const latest = await get(`/tags/history?${WEB}&tag=latest`);
  expect(latest.body.items.map((it: { by: string }) => it.by)).toEqual([ANA, BEN]);
  const version = await get(`/tags/history?${WEB}&tag=1.4.2`);
  expect(version.body.items.map((it: { by: string }) => it.by)).toEqual([ANA, "lifecycle policy"]);
});

test.each(["repository-delete", "reconcile"] as const)(
  "a tag that went with its repository (%s) says who deleted that",
  async (cause) => {
    const of = { repository: "prod/ended", tag: "1.0.0" };
    const there = aTagPointer({ ...of, digest: A, since: "2026-11-21T10:00:00.000Z" });
    const gone = aTagPointer({ ...of, digest: null, since: "2026-11-21T11:00:00.000Z", cause, version: 2 });
    await api.inventory.tags.moveTag(undefined, there);
    await api.inventory.tags.moveTag(ended(there), gone);
    const at = "2026-11-21T10:59:58.000Z";
    const {
      digest: _,
      tag: __,
      ...deed
    } = aDeed({ repository: "prod/ended", action: "delete-repository", by: BEN, at });
    await api.deeds.append(deed, "2028-11-21T00:00:00.000Z");
    const { body } = await get(`/tags/history?${EAST}&repository=prod/ended&tag=1.0.0`);
    expect(body.items.map((it: { by?: string }) => it.by)).toEqual([undefined, BEN]);
  },
);
