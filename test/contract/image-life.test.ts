import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anImageRecord, aTagPointer, ended } from "../builders/records.ts";
import { aRepository } from "../builders/registry.ts";
import { describeInventories } from "./inventories.ts";

const A = aDigest("A");
const B = aDigest("B");
const at = (hour: number) => `2026-11-17T${String(hour).padStart(2, "0")}:00:00.000Z`;
const v1 = anImageRecord({ digest: A, since: at(1), changedAt: at(1) });
const v2 = {
  ...v1,
  version: 2,
  status: "ARCHIVED",
  since: at(2),
  changedAt: at(2),
  cause: "archive",
} as const;
const v3 = {
  ...v2,
  version: 3,
  state: "closed",
  since: at(3),
  changedAt: at(3),
  closedAt: at(3),
  forgetAt: at(23),
  cause: "lifecycle",
  why: "rule 2: keep ten",
} as const;

describeInventories((inventory) => {
  const life = async (limit = 10, next?: string) =>
    inventory().queries.listImageLife(aRepository(), A, { limit, ...(next && { next }) });
  const versions = async () => (await life()).items.map((it) => it.version);

  test("an image's life is each of its stages, with when and why, each ended by the next", async () => {
    const { images } = inventory();
    await images.putImage(v1);
    await images.putImage(v2, ended(v1));
    await images.putImage(v3, ended(v2));
    expect((await life()).items).toEqual([
      { state: "open", status: "ACTIVE", since: at(1), until: at(2), cause: "push", version: 1 },
      { state: "open", status: "ARCHIVED", since: at(2), until: at(3), cause: "archive", version: 2 },
      {
        state: "closed",
        status: "ARCHIVED",
        since: at(3),
        cause: "lifecycle",
        why: "rule 2: keep ten",
        version: 3,
      },
    ]);
    expect(await images.findImage(aRepository(), A)).toEqual(v3);
  });

  test("a stage that went to history before its record was written is told once", async () => {
    const { images } = inventory();
    await images.putImage(v1);
    // The worker was killed after the history: the record is still of version 1. Then something else changes.
    await expect(images.putImage({ ...v3, version: 3 }, ended(v1))).rejects.toThrow(
      "written by someone else",
    );
    expect(await versions()).toEqual([1]);
    await images.putImage({ ...v1, version: 2, lastPulledAt: at(2) });
    expect(await versions()).toEqual([2]);
    await images.putImage({ ...v2, version: 3 }, ended({ ...v1, version: 2 }));
    expect(await versions()).toEqual([2, 3]);
  });

  test("a life is told in the order in which it was recorded, whatever the clock said", async () => {
    const { images } = inventory();
    const first = { ...v1, since: at(9) };
    await images.putImage(first);
    await images.putImage(v2, ended(first));
    await images.putImage({ ...v3, since: at(1) }, ended(v2));
    expect(await versions()).toEqual([1, 2, 3]);
  });

  test("a life that went on for long is given page by page, each stage with its end", async () => {
    const { images } = inventory();
    let before = v1;
    await images.putImage(v1);
    for (let version = 2; version <= 12; version++) {
      const record = anImageRecord({
        digest: A,
        version,
        status: version % 2 ? "ACTIVE" : "ARCHIVED",
        since: at(version),
      });
      await images.putImage(record, ended(before));
      before = record;
    }
    const told: number[] = [];
    let next: string | undefined;
    do {
      const page = await life(5, next);
      told.push(...page.items.map((it) => it.version));
      for (const it of page.items) expect(it.until === undefined).toBe(it.version === 12);
      next = page.next;
    } while (next);
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("a life is that of one digest in one repository", async () => {
    const { images } = inventory();
    for (const elsewhere of [{ digest: B }, { repository: "prod/web2" }, { region: "us-west-2" }]) {
      await images.putImage({ ...v1, ...elsewhere });
      await images.putImage({ ...v2, ...elsewhere }, ended({ ...v1, ...elsewhere }));
    }
    expect((await life()).items).toEqual([]);
  });

  test("tags that were at a digest are found by it, with when and why they left and where to", async () => {
    const { tags, queries } = inventory();
    const first = aTagPointer({ tag: "latest", digest: A, since: at(1) });
    const moved = aTagPointer({ tag: "latest", digest: B, since: at(2), version: 2 });
    const gone = aTagPointer({
      tag: "latest",
      digest: null,
      since: at(3),
      version: 3,
      cause: "lifecycle",
      why: "rule 2",
    });
    await tags.moveTag(undefined, first);
    await tags.moveTag(ended(first), moved);
    await tags.moveTag(ended(moved), gone);
    await tags.moveTag(undefined, aTagPointer({ tag: "1.4.2", digest: A }));
    const staysAt = async (digest: string, repository = aRepository()) =>
      (await queries.listTagStays(repository, digest, { limit: 10 })).items;
    expect(await staysAt(A)).toEqual([
      {
        tag: "latest",
        digest: A,
        since: at(1),
        cause: "push",
        version: 1,
        ended: { at: at(2), cause: "push", to: B },
      },
    ]);
    expect((await staysAt(B))[0]?.ended).toEqual({ at: at(3), cause: "lifecycle", why: "rule 2", to: null });
    expect(await staysAt(A, aRepository("prod/web2"))).toEqual([]);
  });
});
