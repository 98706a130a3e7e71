import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { aPast } from "./builders/a-past.ts";
import { aDigest } from "./builders/digest.ts";
import { anImageRecord, aTagPointer, ended } from "./builders/records.ts";
import { memoryApi } from "./fakes/memory-api.ts";
import type { MemoryInventory } from "./fakes/memory-inventory.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { callTallyman, runTallyman } from "./support/run-tallyman.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const [A, B] = [aDigest("A"), aDigest("B")];
const short = (digest: string) => digest.slice(0, 19);
const HOST = "111122223333.dkr.ecr.us-east-1";

let server: ApiServer;
let inventory: MemoryInventory;
const call = (...args: string[]) => callTallyman(args, server.url);
const rows = (stdout: string) => stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "|"));

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const api = memoryApi();
  ({ inventory } = api);
  await aPast(api);
  for (const digest of [`${A.slice(0, 18)}${"0".repeat(53)}`, `sha256:${"1".repeat(64)}`])
    await api.inventory.images.putImage(anImageRecord({ repository: "prod/alike", digest }));
  await api.inventory.images.putImage(anImageRecord({ repository: "prod/alike", digest: A }));
  server = await startApiServer(api);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

describe("why", () => {
  test("tells the story of a tag: where it is and was, what happened, and how sure that is", async () => {
    const { code, stdout } = await runTallyman(["why", "prod/web:1.4.2"], {
      endpoint: server.url,
      env: { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    });
    expect(code).toBe(0);
    expect(rows(stdout)).toEqual([
      "Tag 1.4.2 of prod/web in 111122223333/us-east-1 points nowhere since 2026-11-21 10:40:00Z (lifecycle).",
      `Tag 1.4.2 of prod/web in 111122223333/us-west-2 points to ${short(A)} since 2026-11-21 10:01:00Z (replication).`,
      "",
      "prod/web:1.4.2 is here:",
      "REGISTRY|REPOSITORY|DIGEST|STATE|SINCE|CAUSE|PUSHED|PULLED|TAGS",
      `111122223333/us-west-2|prod/web|${short(A)}|active|2026-11-21 10:01:00Z|replication|2026-11-16 01:54:34Z|-|1.4.2`,
      "",
      "It was here, and is gone:",
      "REGISTRY|REPOSITORY|DIGEST|STATE|SINCE|CAUSE|PUSHED|PULLED|TAGS",
      `111122223333/us-east-1|prod/web|${short(A)}|gone|2026-11-21 10:40:00Z|lifecycle rule 2: keep ten|2026-11-16 01:54:34Z|-|-`,
      "",
      "What happened:",
      "WHEN|REGISTRY|WHAT",
      "2026-11-21 10:00:00Z|111122223333/us-east-1|pushed by arn:aws:iam::111122223333:user/ana",
      "2026-11-21 10:00:00Z|111122223333/us-east-1|tagged 1.4.2 by arn:aws:iam::111122223333:user/ana",
      "2026-11-21 10:00:00Z|111122223333/us-east-1|tagged latest by arn:aws:iam::111122223333:user/ana",
      "2026-11-21 10:01:00Z|111122223333/us-east-1|copied to 111122223333/us-west-2 as 1.4.2",
      "2026-11-21 10:01:00Z|111122223333/us-west-2|replicated here from 111122223333/us-east-1",
      "2026-11-21 10:01:00Z|111122223333/us-west-2|tagged 1.4.2",
      `2026-11-21 10:10:00Z|111122223333/us-east-1|tag latest moved on to ${short(B)} by arn:aws:iam::111122223333:user/ben`,
      "2026-11-21 10:20:00Z|111122223333/us-east-1|archived",
      "2026-11-21 10:30:00Z|111122223333/us-east-1|restored",
      "2026-11-21 10:40:00Z|111122223333/us-east-1|tag 1.4.2 removed by lifecycle policy (rule 2: keep ten)",
      "2026-11-21 10:40:00Z|111122223333/us-east-1|expired by lifecycle policy (rule 2: keep ten)",
      "",
      "It breaks rules:",
      '111122223333/us-west-2 prod/web:1.4.2 prod-releases: Tag "latest" is denied by rule "prod-releases". (since 2026-11-21 10:01:00Z)',
      "",
      "How sure this is:",
      "111122223333/us-east-1 prod/web: compared 2026-11-21 10:05:00Z, complete since 2026-11-21 10:05:00Z",
      "|What happened before 2026-11-21T10:05:00.000Z may not be all: only since then is no event known to be missing.",
      "111122223333/us-west-2 prod/web: never compared",
      "|No reconcile has compared this repository yet: what no event told is not known.",
      "",
    ]);
  });

  test.each([
    [`prod/web@${A}`, 1, 1],
    [`prod/web@${short(A)}`, 1, 1],
    [`prod/web:1.4.2@${A}`, 1, 1],
    [A, 2, 1],
    [`${HOST}.amazonaws.com/prod/web:1.4.2`, 0, 1],
    [`${HOST}.amazonaws.com.cn/prod/web@${A}`, 0, 1],
    [`${HOST}.localhost:4510/prod/web:1.4.2`, 0, 1],
    ["111122223333.dkr-ecr.us-west-2.on.aws/prod/web:1.4.2", 1, 0],
    ["127.0.0.1:4510/prod/web:1.4.2", 1, 1],
    ["localhost/prod/web:1.4.2", 1, 1],
  ])("understands %s", async (name, here, gone) => {
    const { code, stdout } = await call("why", name, "--json");
    const story = JSON.parse(stdout);
    expect([code, story.here.length, story.gone.length]).toEqual([0, here, gone]);
  });

  test("of a tag that points nowhere does not say that it is here, though its image is", async () => {
    const tag = { repository: "prod/alike", tag: "moved", digest: A } as const;
    await inventory.tags.moveTag(undefined, aTagPointer(tag));
    await inventory.tags.moveTag(ended(aTagPointer(tag)), aTagPointer({ ...tag, digest: null, version: 2 }));
    const { stdout } = await call("why", "prod/alike:moved");
    expect(stdout).toContain("prod/alike:moved is not here, but the image that it was is:");
  });

  test("of one registry leaves the others out", async () => {
    const { stdout } = await call("why", "prod/web:1.4.2", "--registry", "111122223333/us-west-2");
    expect(stdout).toContain("prod/web:1.4.2 is here:");
    expect(stdout).not.toContain("us-east-1  prod/web");
  });

  test.each([
    [["prod/web:never"], 1, "never seen"],
    [[aDigest("never")], 1, "never seen"],
    [["prod/web@sha256:00000000"], 1, "begins with"],
    [[short(A)], 2, "prod/web@"],
    [[`prod/alike@${A.slice(0, 17)}`], 2, "several"],
    [["prod/web"], 2, "Which image"],
    [["prod/web@latest"], 2, "not a digest"],
    [[A, "--registry", "111122223333/us-west-2"], 2, "needs a repository"],
  ])("%j ends with %i and says %s", async (args, code, words) => {
    const run = await call("why", ...args);
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(words)]);
  });
});

test("history shows where a tag has been, until when, why and by whom", async () => {
  const { stdout } = await call("history", "prod/web", "latest");
  expect(rows(stdout)).toEqual([
    "REGISTRY|SINCE|UNTIL|CAUSE|DIGEST|BY",
    `111122223333/us-east-1|2026-11-21 10:00:00Z|2026-11-21 10:10:00Z|push|${short(A)}|arn:aws:iam::111122223333:user/ana`,
    `111122223333/us-east-1|2026-11-21 10:10:00Z|now|push|${short(B)}|arn:aws:iam::111122223333:user/ben`,
    "",
  ]);
});

describe("changes", () => {
  test("are listed as they are now, the latest first", async () => {
    const { stdout } = await call("changes", "--since", "2026-11-21T10:35:00Z");
    expect(rows(stdout).toSorted()).toEqual([
      "",
      "2026-11-21 10:40:00Z|111122223333/us-east-1|prod/web|image|" +
        `${short(A)}|gone|lifecycle rule 2: keep ten`,
      "2026-11-21 10:40:00Z|111122223333/us-east-1|prod/web|tag 1.4.2|(none)|gone|lifecycle rule 2: keep ten",
      "AT|REGISTRY|REPOSITORY|WHAT|DIGEST|NOW|CAUSE",
    ]);
  });

  test.each([
    [["--since", "2h", "--registry", "111122223333/us-west-2"], 2],
    [["--since", "P1D", "--repository", "prod/web"], 5],
    [["--since", "P1D", "--repository", "prod/none"], 0],
  ])("%j", async (args, count) => {
    expect(JSON.parse((await call("changes", ...args, "--json")).stdout).items).toHaveLength(count);
  });

  test.each([
    [[], "required option"],
    [["--since", "yesterday"], "is no time"],
    [["--since", "100d"], "90 days"],
  ])("%j is wrong usage: %s", async (args, words) => {
    const run = await call("changes", ...args);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});
