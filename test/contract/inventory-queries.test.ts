import type { Manifest } from "@tallyman/domain/image/image";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import { parseManifest } from "@tallyman/domain/manifest/parse-manifest";
import { expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anAuditEntry } from "../builders/due.ts";
import { aManifest, anIndex } from "../builders/manifest.ts";
import {
  anImageRecord,
  aReplicaRecord,
  aSummary,
  aTagPointer,
  aViolationRecord,
} from "../builders/records.ts";
import { aRepository } from "../builders/registry.ts";
import { describeInventories } from "./inventories.ts";

/** Follows `next` to the end, in pages of three. */
async function pages<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const page: Page<T> = await list({ limit: 3, ...(next && { next }) });
    expect(page.items.length).toBeLessThanOrEqual(3);
    items.push(...page.items);
    next = page.next;
  } while (next);
  return items;
}

const TEN = Array.from({ length: 10 }, (_, i) => i);

describeInventories((inventory) => {
  test("repositories are listed by name, each once, across registries", async () => {
    const { summaries, queries } = inventory();
    for (const i of TEN) await summaries.putSummary(aSummary({ repository: `prod/app-${i}` }));
    await summaries.putSummary(aSummary({ repository: "prod/app-0", account: "444455556666" }));
    await summaries.putSummary(aSummary({ repository: "prod/app-3", version: 2 }));
    const listed = await pages((page) => queries.listRepositories(page));
    expect(listed.map((it) => `${it.account} ${it.repository}`)).toEqual([
      ...TEN.map((i) => `111122223333 prod/app-${i}`),
      "444455556666 prod/app-0",
    ]);
  });

  test("images of a repository are listed, open and closed, and of a digest in every registry", async () => {
    const { images, queries } = inventory();
    for (const i of TEN) {
      const state = i % 2 ? "closed" : "open";
      await images.putImage(anImageRecord({ digest: aDigest(String(i)), state }));
    }
    await images.putImage(anImageRecord({ digest: aDigest("0"), region: "us-west-2" }));
    expect(await pages((page) => queries.listImages(aRepository(), page))).toHaveLength(10);
    const holders = await pages((page) => queries.listImagesByDigest(aDigest("0"), page));
    expect(holders.map((it) => it.region).toSorted()).toEqual(["us-east-1", "us-west-2"]);
  });

  test("what names a manifest is found from it: indexes as parents, referrers by their subject, first edges too", async () => {
    const { manifests, queries } = inventory();
    const [one, other] = [aManifest("one"), aManifest("other")];
    const put = async (manifest: Manifest) => {
      const contents = parseManifest(manifest);
      await manifests.putManifest({ ...manifest, contents });
      await manifests.putEdges({ ...manifest, size: manifest.bytes.byteLength, ...contents });
    };
    const indexes = [anIndex([one, other]), anIndex([other, one]), anIndex([other])];
    const signatures = ["s1", "s2"].map((seed) => aManifest(seed, one.digest));
    for (const manifest of [one, other, ...indexes, ...signatures]) await put(manifest);
    const digests = (of: readonly (Manifest | undefined)[]) => of.map((it) => it?.digest).toSorted();
    const referring = (digest: string, kind: "child" | "subject") =>
      pages((page) => queries.listReferring(digest, kind, page));
    expect(await referring(one.digest, "child")).toEqual(digests(indexes.slice(0, 2)));
    expect(await referring(other.digest, "child")).toEqual(digests(indexes));
    expect(await referring(one.digest, "subject")).toEqual(digests(signatures));
    expect(await referring(other.digest, "subject")).toEqual([]);
  });

  test("tags of a repository are listed in order", async () => {
    const { tags, queries } = inventory();
    for (const i of TEN) await tags.moveTag(undefined, aTagPointer({ tag: `1.${i}` }));
    const listed = await pages((page) => queries.listTags(aRepository(), page));
    expect(listed.map((it) => it.tag)).toEqual(TEN.map((i) => `1.${i}`));
  });

  test("violations are listed while they are open", async () => {
    const { violations, queries } = inventory();
    for (const i of TEN) await violations.putViolation(aViolationRecord({ tag: `t${i}` }));
    await violations.putViolation(aViolationRecord({ tag: "t4", state: "closed", version: 2 }));
    const listed = await pages((page) => queries.listViolations({ state: "open" }, page));
    expect(listed.map((it) => it.tag).toSorted()).toEqual(TEN.filter((i) => i !== 4).map((i) => `t${i}`));
  });

  test("replicas are listed by digest, by destination, and while they are late", async () => {
    const { replicas, queries } = inventory();
    const late = aReplicaRecord({ tag: "late", state: "overdue" });
    const failed = aReplicaRecord({ tag: "failed", state: "failed" });
    for (const it of [late, failed, aReplicaRecord(), aReplicaRecord({ repository: "dev/web" })]) {
      await replicas.putReplica(it);
    }
    const destination = { ...aRepository(), region: "us-west-2" };
    expect(await pages((page) => queries.listReplicas({ digest: late.digest }, page))).toHaveLength(4);
    expect(await pages((page) => queries.listReplicas({ destination }, page))).toHaveLength(3);
    const overdue = await pages((page) => queries.listReplicas({ overdue: true }, page));
    expect(overdue.map((it) => it.tag).toSorted()).toEqual(["failed", "late"]);
    await replicas.putReplica({ ...late, state: "arrived", version: 2 });
    expect(await pages((page) => queries.listReplicas({ overdue: true }, page))).toEqual([failed]);
  });

  test("a day of the audit trail is listed newest first, and no other day", async () => {
    const { audit, queries } = inventory();
    for (const i of TEN)
      await audit.append(anAuditEntry({ id: `brake#${i}`, at: `2026-11-16T0${i}:00:00.000Z` }));
    await audit.append(anAuditEntry({ id: "brake#next", at: "2026-11-17T00:00:00.000Z" }));
    const listed = await pages((page) => queries.listAudit("2026-11-16", page));
    expect(listed.map((it) => it.id)).toEqual(TEN.toReversed().map((i) => `brake#${i}`));
    expect((await queries.listAudit("2026-11-15", { limit: 3 })).items).toEqual([]);
  });

  test("what shares its time is listed by its sequence: the outcome, then the intent that came before it", async () => {
    const { audit, queries } = inventory();
    const actions = ["brake.set-requested", "brake.set-refused", "brake.set-requested", "brake.set"];
    for (const [sequence, action] of actions.entries())
      await audit.append(anAuditEntry({ id: `${action}#${sequence}`, action, sequence }));
    const listed = await pages((page) => queries.listAudit("2026-11-16", page));
    expect(listed.map((it) => it.action)).toEqual(actions.toReversed());
  });
});
