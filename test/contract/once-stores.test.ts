import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anAuditEntry } from "../builders/due.ts";
import { aManifest } from "../builders/manifest.ts";
import { describeInventories } from "./inventories.ts";

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
});
