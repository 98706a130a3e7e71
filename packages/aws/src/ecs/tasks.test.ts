import { UsageItem } from "@tallyman/domain/usage/evidence";
import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { answersOf } from "../../../../test/support/aws-account.ts";
import { collected, open, PLACE, WEB } from "../../../../test/support/collect-ecs.ts";
import { collectAll, wired } from "../../../../test/support/collecting.ts";

describe("tasks", () => {
  test("that run and that stopped are used by what started them, each container by name and digest", async () => {
    const stoppedAt = Date.parse("2026-11-22T06:00:00.000Z") / 1000;
    const containers = [{ image: `${WEB}:1.4.2`, imageDigest: aDigest("web") }];
    const { items } = await collected({
      clusters: {
        prod: {
          tasks: [
            { status: "RUNNING", group: "service:web", definition: "web:7", containers },
            { status: "STOPPED", group: "family:job", definition: "job:2", stoppedAt, containers },
            { status: "STOPPING", group: "nightly batch #1", definition: "job:2", containers },
            { status: "RUNNING", definition: "job:2", containers: [{ image: `${WEB}:2` }] },
          ],
        },
      },
    });
    const seen = { image: `${WEB}:1.4.2`, digest: aDigest("web"), ...PLACE, cluster: "prod" };
    expect(items).toEqual([
      { ...seen, kind: "running", service: "service/web" },
      {
        image: `${WEB}:2`,
        kind: "running",
        ...PLACE,
        cluster: "prod",
        service: "task-definition-family/job",
      },
      {
        ...seen,
        kind: "stopped",
        service: "task-definition-family/job",
        seenAt: "2026-11-22T06:00:00.000Z",
      },
      { ...seen, kind: "running", service: "task-definition-family/job" },
    ]);
    for (const item of items) expect(UsageItem.parse(item)).toEqual(item);
  });

  test("have containers of ECS's own, without an image's name, and digests of other registries, which are left out", async () => {
    const { items } = await collected({
      clusters: {
        prod: {
          tasks: [
            {
              status: "RUNNING",
              definition: "web:7",
              containers: [
                { imageDigest: aDigest("agent") },
                { image: "docker.io/library/nginx:1", imageDigest: "sha512:beef" },
              ],
            },
          ],
        },
      },
    });
    expect(items).toMatchObject([{ image: "docker.io/library/nginx:1" }]);
    expect(items[0]).not.toHaveProperty("digest");
  });

  test("that ECS forgot since it listed them are none; of which it may not speak are an error", async () => {
    const answers = answersOf({
      clusters: { prod: { tasks: [{ status: "RUNNING", definition: "web:7", containers: [] }] } },
    });
    const failing = (reason: string) => ({
      ...answers,
      "ecs:DescribeTasks": () => ({ body: { tasks: [], failures: [{ arn: "x", reason }] } }),
    });
    await wired(failing("MISSING"));
    expect((await collectAll(open)).items).toEqual([]);
    await wired(failing("ACCESS_DENIED"));
    await expect(collectAll(open)).rejects.toThrow(/ecs:DescribeTasks got no usable answer .*ACCESS_DENIED/);
  });
});
