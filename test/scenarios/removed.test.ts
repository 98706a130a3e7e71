import { describe, expect, test } from "vitest";
import { imageOfTag } from "../support/inventory.ts";
import { allowReplication, deleteImage, EAST, replicate, WEST } from "../support/registries.ts";
import { stage } from "./stage.ts";

// What somebody removes who asks nobody: evidence has told what it was for, and still does.

const { product, evidence, fleet, shelf } = stage();

describe("I-05, I-08: an image of production is removed by hand", () => {
  test("whoever asked before was told which service has it; whoever asks after, which one cannot start again", async () => {
    const [web, ecs] = [await shelf("removed/web"), await fleet()];
    const digest = await web.push("1.0.0", "to be removed");
    await ecs.create("removed", await ecs.define("removed", web.image(":1.0.0")), 2);
    await evidence().collect();
    const { verdict, reasons } = await evidence().ask(web, digest);
    expect(verdict).toBe("used");
    expect(reasons).toContain(
      `service/removed in production of account ${EAST.account} uses it, ${short(digest)} (ecs)`,
    );

    const imageIds = [{ imageDigest: digest }];
    await deleteImage(product().url, EAST, { repositoryName: web.repository, imageIds });
    await product().atRest();
    const [first, ...others] = await ecs.tasks("removed");
    await ecs.stop(first ?? {});
    const failed = await product().until("its replacement fails", async () => {
      const stopped = await ecs.tasks("removed", "STOPPED");
      return stopped.find(({ stoppedReason = "" }) => stoppedReason.startsWith("CannotPullContainerError"));
    });
    expect(failed).toMatchObject({ stopCode: "TaskFailedToStart" });
    expect(others).toHaveLength(1);
    await evidence().collect();
    const uses = await evidence().where(digest);
    expect(uses).toContainEqual(
      expect.objectContaining({
        ...{ source: "ecs", account: EAST.account, cluster: "production", service: "service/removed" },
        ...{ via: "digest", digest, kinds: expect.arrayContaining(["running"]) },
      }),
    );
  });
});

describe("I-10: the same image lies in two Regions", () => {
  test("what runs in one of them is used in both", async () => {
    await allowReplication(product().url, EAST, WEST);
    await replicate(product().url, { source: EAST, destination: WEST, prefix: "copied/" });
    const web = await shelf("copied/web");
    const digest = await web.push("1.0.0", "copied");
    await imageOfTag(product(), WEST, web.repository, "1.0.0");
    const copy = { ...WEST, repository: web.repository };
    const ecs = await fleet(WEST);
    const image = web.image(`@${digest}`).replace(EAST.region, WEST.region);
    await ecs.create("copied", await ecs.define("copied", image));
    await evidence().collect();
    const used = ["used service/copied (digest)", "used task-definition/copied:1 (digest)"];
    expect(await evidence().verdict(copy, digest)).toEqual(used);
    expect(await evidence().verdict(web, digest)).toEqual(used);
  });
});

function short(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
