import { describe, expect, test } from "vitest";
import { stage } from "./stage.ts";

// What a release leaves behind, and what it needs again: the image that is not the newest, by age or by count.

const { evidence, fleet, shelf } = stage();

describe("I-01: what runs grows old while nothing is released", () => {
  test("an image that is eight days old is used as long as its service has it, running or scaled to nothing", async () => {
    const [web, ecs] = [await shelf("pause/web"), await fleet()];
    const digest = await web.push("1.4.0", "the last release");
    const never = await web.push("1.5.0-rc", "built, and never released");
    await ecs.create("pause", await ecs.define("pause", web.image(":1.4.0")), 2);

    await evidence().pass("P8D");
    await evidence().collect();
    const running = [
      "used service/pause (digest)",
      "used service/pause (tag)",
      "used task-definition/pause:1 (tag)",
    ];
    expect(await evidence().verdict(web, digest)).toEqual(running);
    expect(await evidence().verdict(web, never)).toEqual(["unused"]);

    await ecs.update("pause", { desiredCount: 0 });
    await evidence().pass("P8D");
    await evidence().collect();
    expect(await ecs.tasks("pause")).toEqual([]);
    expect(await evidence().verdict(web, digest)).toEqual(running);
    expect(await evidence().verdict(web, never)).toEqual(["unused"]);
  });
});

describe("I-07: a node is replaced, and a release is taken back", () => {
  test("the image before this one is used while it can be rolled back to, and then really is", async () => {
    const [web, ecs] = [await shelf("rollback/web"), await fleet()];
    const first = await web.push("1.0.0", "good");
    const second = await web.push("1.1.0", "bad");
    const before = await ecs.define("rollback", web.image(":1.0.0"));
    await ecs.create("rollback", before);
    const after = await ecs.define("rollback", web.image(":1.1.0"));
    await ecs.update("rollback", { taskDefinition: after });

    // What ran before has stopped so long ago that nothing but the revision speaks for it.
    await evidence().pass("P3D");
    await evidence().collect();
    expect(await ecs.digests("rollback")).toEqual([second]);
    expect(await evidence().verdict(web, first)).toEqual(["used task-definition/rollback:1 (tag)"]);

    await ecs.update("rollback", { taskDefinition: before });
    expect(await ecs.digests("rollback")).toEqual([first]);
    await evidence().collect();
    expect(await evidence().verdict(web, first)).toContain("used service/rollback (digest)");
    expect(await evidence().verdict(web, second)).toContain("used task-definition/rollback:2 (tag)");
  });

  test("a node's tasks start again elsewhere from the digest that is called used", async () => {
    const [web, ecs] = [await shelf("node/web"), await fleet()];
    const digest = await web.push("1.0.0", "runs on a node");
    await ecs.create("node", await ecs.define("node", web.image(":1.0.0")), 2);
    await evidence().collect();
    const before = await ecs.tasks("node");
    for (const task of before) await ecs.stop(task);
    await ecs.steady("node");
    const names = (tasks: typeof before) => tasks.map(({ taskArn }) => taskArn);
    expect(names(await ecs.tasks("node")).filter((name) => names(before).includes(name))).toEqual([]);
    expect(await ecs.digests("node")).toEqual([digest]);
    expect(await evidence().verdict(web, digest)).toContain("used service/node (digest)");
  });

  test("only so many revisions back: what no service was rolled back to for five releases is unused", async () => {
    const [web, ecs] = [await shelf("many/web"), await fleet()];
    const digests: string[] = [];
    for (const release of ["1", "2", "3", "4", "5", "6"]) {
      digests.push(await web.push(release, `release ${release}`));
      await ecs.define("many", web.image(`:${release}`));
    }
    await ecs.create("many", "many:6");
    await evidence().collect();
    const verdicts = [];
    for (const digest of digests) verdicts.push((await evidence().verdict(web, digest))[0]);
    expect(verdicts).toEqual([
      "unused",
      ...["2", "3", "4", "5"].map((revision) => `used task-definition/many:${revision} (tag)`),
      "used service/many (digest)",
    ]);
  });
});

describe("I-09: whoever deploys replaces the definition and forgets the one before", () => {
  test("the image before is used for a day after its last task stopped, and no longer", async () => {
    const [web, ecs] = [await shelf("replaced/web"), await fleet()];
    const first = await web.push("1.0.0", "before");
    await web.push("1.1.0", "after");
    const before = await ecs.define("replaced", web.image(":1.0.0"));
    await ecs.create("replaced", before);
    await evidence().collect();
    await ecs.update("replaced", { taskDefinition: await ecs.define("replaced", web.image(":1.1.0")) });
    await ecs.forgetDefinition(before);

    await evidence().pass("PT20H");
    await evidence().collect();
    expect(await evidence().verdict(web, first)).toContain("used service/replaced (digest)");
    await evidence().pass("PT30H");
    await evidence().collect();
    expect(await evidence().verdict(web, first)).toEqual(["unused"]);
  });
});
