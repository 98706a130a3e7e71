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

  test("a manifest costs one item write, and one for each edge after its first", async () => {
    const children = ["amd64", "arm64", "s390x"].map((it) => aManifest(it));
    const cost = async (manifest: Manifest) => {
      const before = inventory().probe.writes();
      await put(inventory(), manifest);
      return inventory().probe.writes() - before;
    };
    expect(await cost(aManifest("image"))).toBe(1);
    expect(await cost(aManifest("sbom", aDigest("image")))).toBe(1);
    expect(await cost(anIndex(children))).toBe(3);
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
