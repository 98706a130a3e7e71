import type { Manifest } from "@tallyman/domain/image/image";
import { parseManifest } from "@tallyman/domain/manifest/parse-manifest";
import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anAuditEntry } from "../builders/due.ts";
import { aManifest, anIndex, asManifest } from "../builders/manifest.ts";
import { describeInventories, type Inventory } from "./inventories.ts";

describeInventories((inventory) => {
  test("a manifest is known once its head is there, and storing it again is no error", async () => {
    const { manifests } = inventory();
    const manifest = { ...aManifest(), contents: parseManifest(aManifest()) };
    expect(await manifests.hasManifest(manifest.digest)).toBe(false);
    await manifests.putManifest(manifest);
    await manifests.putManifest(manifest);
    expect(await manifests.hasManifest(manifest.digest)).toBe(true);
  });

  test("heads are found by digest with what their manifests say, those of unknown ones are not", async () => {
    const children = [aManifest("amd64"), aManifest("arm64")];
    const many = manyLayers(101);
    const stored = [...children, anIndex(children), aManifest("sbom", aDigest("image")), many];
    for (const manifest of stored) await put(inventory(), manifest);
    const digests = [...stored.map(({ digest }) => digest), aDigest("unknown")];
    const heads = await inventory().manifests.findHeads([...digests, many.digest]);
    expect(heads).toEqual(new Map(stored.map((it) => [it.digest, headOf(it)])));
    expect(heads.get(many.digest)?.layers).toHaveLength(101);
  });

  test("more heads than one request takes are found, and none where none is asked for", async () => {
    const stored = Array.from({ length: 101 }, (_, i) => aManifest(`image ${i}`));
    for (const manifest of stored) await put(inventory(), manifest);
    const heads = await inventory().manifests.findHeads(stored.map(({ digest }) => digest));
    expect([...heads.keys()].toSorted()).toEqual(stored.map(({ digest }) => digest).toSorted());
    expect(await inventory().manifests.findHeads([])).toEqual(new Map());
  });

  test("a manifest costs one item write, and its edges one for each after the first, once", async () => {
    const children = ["amd64", "arm64", "s390x"].map((it) => aManifest(it));
    const cost = async (write: () => Promise<unknown>) => {
      const before = inventory().probe.writes();
      await write();
      return inventory().probe.writes() - before;
    };
    const index = anIndex(children);
    for (const manifest of [aManifest("image"), aManifest("sbom", aDigest("image")), index])
      expect(await cost(() => put(inventory(), manifest))).toBe(1);
    const head = { ...index, size: index.bytes.byteLength, ...parseManifest(index) };
    expect(await cost(() => inventory().manifests.putEdges(head))).toBe(2);
    const parents = () => inventory().queries.listReferring(children[2]?.digest ?? "", "child", { limit: 9 });
    const before = await parents();
    await inventory().manifests.putEdges(head);
    expect([before.items, (await parents()).items]).toEqual([[index.digest], [index.digest]]);
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

function put({ manifests }: Inventory, manifest: Manifest): Promise<void> {
  return manifests.putManifest({ ...manifest, contents: parseManifest(manifest) });
}

function headOf(manifest: Manifest) {
  const { digest, mediaType, bytes } = manifest;
  return { digest, mediaType, size: bytes.byteLength, ...parseManifest(manifest) };
}

function manyLayers(count: number): Manifest {
  const layers = Array.from({ length: count }, (_, i) => ({ digest: aDigest(`layer ${i}`), size: i }));
  return asManifest("application/vnd.oci.image.manifest.v1+json", { layers });
}
