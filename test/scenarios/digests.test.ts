import { DescribeImagesCommand } from "@aws-sdk/client-ecr";
import { describe, expect, test } from "vitest";
import { EAST, withEcr } from "../support/registries.ts";
import { type Shelf, stage } from "./stage.ts";

// What runs is a digest, whatever tags and pull times say by then.

const { product, evidence, fleet, shelf } = stage();

/** What the registry says of an image: its tags, and when it was last pulled. */
async function described({ repository: repositoryName }: Shelf, imageDigest: string) {
  const command = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest }] });
  const { imageDetails } = await withEcr(product().url, EAST, (ecr) => ecr.send(command));
  const { imageTags = [], lastRecordedPullTime } = imageDetails?.[0] ?? {};
  return { tags: imageTags, pulled: lastRecordedPullTime };
}

describe("I-02: a digest that is pinned grows old on nodes that have it already", () => {
  test("it is used though it has no tag and was not pulled for weeks; what was pulled today is not, for that", async () => {
    const [web, ecs] = [await shelf("pinned/web"), await fleet()];
    const pinned = await web.push("build", "pinned");
    await ecs.create("pinned", await ecs.define("pinned", web.image(`@${pinned}`)), 3);
    const looked = await web.push("build", "somebody looks at it");
    const started = await evidence().now();
    await evidence().pass("P15D");
    const pulled = await (await web.login()).request("GET", `/v2/${web.repository}/manifests/${looked}`);
    expect(pulled.status).toBe(200);
    await evidence().collect();

    const [old, fresh] = [await described(web, pinned), await described(web, looked)];
    expect(old.tags).toEqual([]);
    expect(old.pulled?.getTime()).toBeLessThanOrEqual(started.getTime());
    expect(fresh.pulled?.getTime()).toBeGreaterThan(started.getTime());
    expect(await evidence().verdict(web, pinned)).toEqual([
      "used service/pinned (digest)",
      "used task-definition/pinned:1 (digest)",
    ]);
    expect(await evidence().verdict(web, looked)).toEqual(["unused"]);
  });
});

describe("I-06: a tag is built again, and the service goes on with the digest that it was deployed with", () => {
  test("the digest without a tag is used and starts again; the next deployment's is used before it comes", async () => {
    const [web, ecs] = [await shelf("moving/web"), await fleet()];
    const deployed = await web.push("live", "as deployed");
    await ecs.create("moving", await ecs.define("moving", web.image(":live")));
    const rebuilt = await web.push("live", "built again");
    await evidence().collect();
    expect((await described(web, deployed)).tags).toEqual([]);
    expect(await evidence().verdict(web, deployed)).toEqual(["used service/moving (digest)"]);
    expect(await evidence().verdict(web, rebuilt)).toEqual([
      "used service/moving (tag)",
      "used task-definition/moving:1 (tag)",
    ]);

    for (const task of await ecs.tasks("moving")) await ecs.stop(task);
    await ecs.steady("moving");
    expect(await ecs.digests("moving")).toEqual([deployed]);

    await ecs.update("moving", { forceNewDeployment: true });
    expect(await ecs.digests("moving")).toEqual([rebuilt]);
    await evidence().collect();
    expect(await evidence().verdict(web, deployed)).toEqual(["used service/moving (digest)"]);
    await evidence().pass("PT50H");
    await evidence().collect();
    expect(await evidence().verdict(web, deployed)).toEqual(["unused"]);
    expect(await evidence().verdict(web, rebuilt)).toContain("used service/moving (digest)");
  });

  test("a service that was scaled to nothing keeps the digest that it would start again with", async () => {
    const [web, ecs] = [await shelf("asleep/web"), await fleet()];
    const deployed = await web.push("live", "asleep");
    await ecs.create("asleep", await ecs.define("asleep", web.image(":live")));
    await ecs.update("asleep", { desiredCount: 0 });
    await web.push("live", "built while it sleeps");
    await evidence().pass("P3D");
    await evidence().collect();
    expect(await evidence().verdict(web, deployed)).toEqual(["used service/asleep (digest)"]);
    await ecs.update("asleep", { desiredCount: 1 });
    expect(await ecs.digests("asleep")).toEqual([deployed]);
  });
});

describe("I-11: what runs is named by digest, and tags are all that is compared elsewhere", () => {
  test("a definition with tag and digest uses the digest, not what the tag points to by now", async () => {
    const [web, ecs] = [await shelf("both/web"), await fleet()];
    const named = await web.push("stable", "what was meant");
    const definition = await ecs.define("both", web.image(`:stable@${named}`));
    const moved = await web.push("stable", "what the tag means now");
    await ecs.create("both", definition);
    await evidence().collect();
    expect(await ecs.digests("both")).toEqual([named]);
    expect(await evidence().verdict(web, named)).toEqual([
      "used service/both (digest)",
      "used task-definition/both:1 (digest)",
    ]);
    expect(await evidence().verdict(web, moved)).toEqual(["unused"]);
  });

  test("events alone tell of a digest as soon as its task runs, whatever its definition says", async () => {
    const [web, ecs] = [await shelf("soon/web"), await fleet()];
    const digest = await web.push("build", "soon");
    const [task] = await ecs.run(await ecs.define("soon", web.image(`@${digest}`)));
    await ecs.reaches(task ?? {}, "RUNNING");
    await web.push("build", "later");
    const uses = await product().until("events told", async () => {
      const found = await evidence().where(`${web.repository}@${digest}`);
      return found.length > 0 && found;
    });
    expect(uses).toMatchObject([
      {
        ...{ source: "ecs-events", account: EAST.account, cluster: "production" },
        ...{ service: "task-definition-family/soon", via: "digest", digest, kinds: ["running"] },
      },
    ]);
  });
});

describe("I-15: an index is pulled, and a platform of it runs", () => {
  test.each(["index", "platform"])(
    "where ECS tells of the %s, index and platforms are used, and so is what refers to them",
    async (told) => {
      await product().control("POST", "switches", { ecsImageDigest: told });
      const [web, ecs] = [await shelf(`multi-${told}/web`), await fleet()];
      const { repository } = web;
      const client = await web.login();
      const children = [];
      for (const platform of ["amd64", "arm64"])
        children.push(await client.pushImage(repository, undefined, `${told} ${platform}`));
      const other = await client.pushImage(repository, undefined, `${told}: of no index`);
      const index = await client.pushIndex(repository, "1.0.0", children);
      const [task] = await ecs.run(await ecs.define(`multi-${told}`, web.image(`@${index.digest}`)));
      const running = await ecs.reaches(task ?? {}, "RUNNING");
      const digest = told === "index" ? index.digest : children[0]?.digest;
      expect(running.containers?.[0]?.imageDigest).toBe(digest);
      await evidence().collect();

      const verdicts = [];
      for (const image of [index, ...children]) {
        const { verdict, uses } = await evidence().ask(web, image.digest);
        verdicts.push(`${verdict} ${uses[0]?.service}`);
      }
      expect(verdicts).toEqual(Array(3).fill(`used task-definition-family/multi-${told}`));
      expect(await evidence().verdict(web, other.digest)).toEqual(["unused"]);
    },
  );
});
