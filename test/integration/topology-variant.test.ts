import { Snapshot } from "@tallyman/cloud/topology/snapshot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { synthesize } from "../infra/synth/synthesize.ts";
import { Embedded } from "../support/embedded.ts";
import { mainJob } from "../support/main-job.ts";
import { committedSnapshots, type Snapshots, snapshotFolder } from "../support/snapshots.ts";

const RULE = "aws:cloudwatch/eventRule:EventRule";

/** `type logicalName` of every resource. */
function logicalNames(snapshots: Snapshots): readonly string[] {
  return Object.values(snapshots).flatMap(({ resources }) =>
    Object.entries(resources).flatMap(([type, named]) => Object.keys(named).map((name) => `${type} ${name}`)),
  );
}

describe("stacks whose every logical name is another one, with one rule more", () => {
  let variant: Snapshots;
  let folder: ReturnType<typeof snapshotFolder>;
  beforeAll(async () => {
    const { hub, member } = (await synthesize({ variant: true })).snapshots;
    variant = { hub: Snapshot.parse(hub), member: Snapshot.parse(member) };
    folder = snapshotFolder(variant);
  });
  afterAll(() => folder?.dispose());

  test("share no logical name with the product", () => {
    const committed = new Set(logicalNames(committedSnapshots()));
    expect(committed.size).toBeGreaterThan(50);
    expect(logicalNames(variant).filter((name) => committed.has(name))).toEqual([]);
    const rules = ({ hub }: Snapshots) => Object.keys(hub.resources[RULE] ?? {}).length;
    expect(rules(variant)).toBe(rules(committedSnapshots()) + 1);
  });

  describe("run the main job unchanged", () => {
    mainJob(() => Embedded.start(["--no-demo", "--snapshots", folder.path]));
  });
});
