import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { answersOf } from "../../../../test/support/aws-account.ts";
import { collected, HOST, open, PLACE, WEB } from "../../../../test/support/collect-ecs.ts";
import { collectAll, wired } from "../../../../test/support/collecting.ts";

describe("services", () => {
  const definitions = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`web:${i + 1}`, [`${WEB}:${i + 1}`, `${HOST}/prod/proxy:1`]]),
  );
  const templates = (items: readonly { image: string; service: string }[]) =>
    items.map(({ image, service }) => `${service} ${image.replace(`${HOST}/`, "")}`);

  test("name what each of their deployments and task sets starts, also while nothing of them runs", async () => {
    const { items } = await collected(
      {
        clusters: {
          prod: {
            services: [
              { name: "web", definition: "web:5", deployments: ["web:5", "web:4"], taskSets: ["web:3"] },
            ],
          },
        },
        definitions,
      },
      { revisions: 0 },
    );
    expect(templates(items)).toEqual([
      "service/web prod/web:5",
      "service/web prod/proxy:1",
      "service/web prod/web:4",
      "service/web prod/proxy:1",
      "service/web prod/web:3",
      "service/web prod/proxy:1",
    ]);
    expect(items[0]).toEqual({
      image: `${WEB}:5`,
      kind: "template",
      ...PLACE,
      cluster: "prod",
      service: "service/web",
    });
  });

  test("can be rolled back to the last active revisions of their family, however many there are", async () => {
    const { items } = await collected(
      {
        clusters: { prod: { services: [{ name: "web", definition: "web:2" }] } },
        definitions: { ...definitions, "web-2:1": ["other"] },
        inactive: ["web:8"],
      },
      { revisions: 3 },
    );
    const rollbacks = items.filter(({ service }) => service.startsWith("task-definition/"));
    expect(templates(rollbacks).filter((it) => it.includes("prod/web"))).toEqual([
      "task-definition/web:9 prod/web:9",
      "task-definition/web:7 prod/web:7",
      "task-definition/web:6 prod/web:6",
    ]);
    expect(rollbacks[0]).toEqual({
      image: `${WEB}:9`,
      kind: "template",
      ...PLACE,
      service: "task-definition/web:9",
    });
  });

  test("that ECS deleted since it listed them are none; of which it may not speak are an error", async () => {
    const answers = answersOf({ clusters: { prod: { services: [{ name: "web", definition: "web:1" }] } } });
    const failing = (reason: string) => ({
      ...answers,
      "ecs:DescribeServices": () => ({ body: { services: [], failures: [{ arn: "x", reason }] } }),
    });
    await wired(failing("MISSING"));
    expect((await collectAll(open)).items).toEqual([]);
    await wired(failing("ACCESS_DENIED"));
    await expect(collectAll(open)).rejects.toThrow(
      /ecs:DescribeServices got no usable answer .*ACCESS_DENIED/,
    );
  });

  test.each([
    [`${WEB}:5`, WEB],
    [`${WEB}@${aDigest("old")}`, WEB],
    [`${WEB}:5@${aDigest("old")}`, WEB],
    ["localhost:4510/prod/web", "localhost:4510/prod/web"],
    ["localhost:4510/prod/web:5", "localhost:4510/prod/web"],
  ])("that name %s are pinned to what ECS resolved, in its repository", async (image, repository) => {
    const resolved = [{ image, imageDigest: aDigest("five") }];
    const services = [{ name: "web", definition: "gone:1", resolved }];
    const { items } = await collected({ clusters: { prod: { services } } }, { revisions: 0 });
    expect(items.map((item) => item.image)).toEqual([`${repository}@${aDigest("five")}`]);
  });

  test("keep the digest that their deployment began with, whatever runs and wherever the tag is", async () => {
    const resolved = [{ image: `${WEB}:5`, imageDigest: aDigest("five") }];
    const { items } = await collected(
      { clusters: { prod: { services: [{ name: "web", definition: "gone:1", resolved }] } } },
      { revisions: 0 },
    );
    expect(items).toEqual([
      {
        image: `${WEB}@${aDigest("five")}`,
        digest: aDigest("five"),
        kind: "template",
        ...PLACE,
        cluster: "prod",
        service: "service/web",
      },
    ]);
  });
});
