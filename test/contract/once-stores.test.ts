import { describe, expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { aDueItem, anAuditEntry } from "../builders/due.ts";
import { aManifest } from "../builders/manifest.ts";
import { all, describeInventories } from "./inventories.ts";

describeInventories((inventory) => {
  test("a manifest is known once its head is there, and storing it again is no error", async () => {
    const { manifests } = inventory();
    const manifest = {
      ...aManifest(),
      edges: [{ kind: "child", digest: aDigest("child"), platform: "linux/amd64" }],
    } as const;
    expect(await manifests.hasManifest(manifest.digest)).toBe(false);
    await manifests.putManifest(manifest);
    await manifests.putManifest(manifest);
    expect(await manifests.hasManifest(manifest.digest)).toBe(true);
  });

  test("a notice is remembered as sent", async () => {
    const { noticeLog } = inventory();
    expect(await noticeLog.wasSent("replica-failed#1")).toBe(false);
    await noticeLog.markSent("replica-failed#1", "2026-11-21T00:00:00.000Z");
    await noticeLog.markSent("replica-failed#1", "2026-11-22T00:00:00.000Z");
    expect(await noticeLog.wasSent("replica-failed#1")).toBe(true);
  });

  test("an audit entry is written once", async () => {
    const { audit, queries } = inventory();
    await audit.append(anAuditEntry({ details: { differences: { "tag-gone": 1 } } }));
    await audit.append(anAuditEntry({ reason: "another" }));
    const { items } = await queries.listAudit("2026-11-16", { limit: 10 });
    expect(items).toEqual([anAuditEntry({ details: { differences: { "tag-gone": 1 } } })]);
  });

  describe("a due item", () => {
    const item = aDueItem({ payload: { repository: "prod/web", destinations: [{ region: "us-west-2" }] } });

    test("is written once per version, and a repeat is no error", async () => {
      const { due } = inventory();
      expect(await due.putDue(item)).toBe("written");
      expect(await due.putDue(item)).toBe("already-there");
      expect(await due.putDue({ ...item, version: 2 })).toBe("written");
      expect(await due.putDue({ ...item, version: 2 })).toBe("already-there");
      expect(await due.findDue(item.id)).toEqual({ ...item, version: 2 });
    });

    test("is listed from its time on, that millisecond included", async () => {
      const { due } = inventory();
      await due.putDue(item);
      expect(await all(due.listDue("2026-11-16T01:56:33.999Z"))).toEqual([]);
      expect(await all(due.listDue(item.dueAt))).toEqual([item]);
      expect(await all(due.listDue("2027-01-01T00:00:00.000Z"))).toEqual([item]);
    });

    test("that was put off is listed at its new time only", async () => {
      const { due } = inventory();
      await due.putDue(item);
      await due.putDue({ ...item, version: 2, dueAt: "2026-11-16T02:06:34.000Z" });
      expect(await all(due.listDue(item.dueAt))).toEqual([]);
    });

    test("is deleted in the version that was done, not in a later one", async () => {
      const { due } = inventory();
      await due.putDue(item);
      await due.putDue({ ...item, version: 2 });
      await due.deleteDue(item.id, 1);
      expect(await due.findDue(item.id)).toBeDefined();
      await due.deleteDue(item.id, 2);
      await due.deleteDue(item.id, 2);
      expect(await due.findDue(item.id)).toBeUndefined();
    });

    test("is one of many in all shards", async () => {
      const { due } = inventory();
      const items = Array.from({ length: 40 }, (_, i) => aDueItem({ id: `replica-check#${i}` }));
      for (const one of items) await due.putDue(one);
      expect(await all(due.listDue(item.dueAt))).toHaveLength(40);
    });
  });
});
