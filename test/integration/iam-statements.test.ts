import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { changesOf } from "../support/iam/changes.ts";
import { exercisedBy, scenarios } from "../support/iam/exercised-by.ts";
import { Ground } from "../support/iam/ground.ts";
import { showsLossOf } from "../support/iam/shows.ts";
import { type Placed, statements } from "../support/iam/statements.ts";
import { findRefusal } from "../support/iam/try.ts";
import { EAST } from "../support/registries.ts";
import { committedSnapshots } from "../support/snapshots.ts";

// That nothing is refused on the same ways with every statement in place: `iam-scenarios.test.ts`.

let ground: Ground;
beforeAll(async () => {
  ground = new Ground(await Embedded.start());
});
afterAll(() => ground?.product.dispose());

const all = statements();

function title({ kind, owner, index, actions }: Placed): string {
  return `${kind} policy of ${owner}, statement ${index} (${actions.join(", ")})`;
}

test("every statement of both stacks has a scenario that needs it, every scenario a statement", () => {
  expect(all.length).toBeGreaterThan(50);
  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(["identity", "trust", "resource"]));
  expect(all.filter((placed) => exercisedBy(placed) === undefined).map(title)).toEqual([]);
});

test("no other policies stand in the stacks than those tried here and those named here", () => {
  const { hub, member } = committedSnapshots();
  const resources = [hub, member].flatMap((snapshot) => Object.entries(snapshot.resources));
  const holders = resources.map(([type]) => type).filter((type) => /policy|permission|iam/i.test(type));
  expect(new Set(holders)).toEqual(
    new Set([
      "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
      "aws:iam/role:Role",
      "aws:lambda/permission:Permission",
      "aws:sqs/queuePolicy:QueuePolicy",
      // Only denies: a bucket that is asked without TLS. Nothing is refused for want of it.
      "aws:s3/bucketPolicy:BucketPolicy",
    ]),
  );
  const managed = resources.flatMap(([, named]) =>
    Object.values(named).flatMap(({ managedPolicyArns }) => managedPolicyArns ?? []),
  );
  // Writing logs: the runtime does it on AWS, and here nothing has to be asked.
  expect(new Set(managed)).toEqual(
    new Set(["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]),
  );
});

describe("without", () => {
  test.each(all.map((placed) => [title(placed), placed] as const))(
    "the %s, access is denied",
    async (_, placed) => {
      const name = exercisedBy(placed);
      if (name === undefined) throw new Error("no scenario needs it");
      const denial = await findRefusal(ground, {
        scenario: scenarios[name],
        swaps: placed.swaps(() => undefined),
        shows: showsLossOf(placed),
      });
      expect(placed.actions).toContain(denial.action);
      expect(denial.message).toContain(denial.action);
    },
  );
});

describe.runIf(process.env["SOAK"] === "1")("with one thing changed", () => {
  const changes = all.flatMap((placed) =>
    changesOf(placed, EAST.account).map((trial) => ({ placed, trial })),
  );

  test.each(changes.map((it) => [`${it.trial.what} in the ${title(it.placed)}`, it] as const))(
    "%s, access is denied",
    async (_, { placed, trial }) => {
      const name = exercisedBy(placed, trial.parts);
      if (name === undefined) throw new Error("no scenario needs it");
      const denial = await findRefusal(ground, {
        scenario: scenarios[name],
        swaps: placed.swaps(trial.change),
        shows: showsLossOf(placed, trial.shows),
      });
      expect(placed.actions).toContain(denial.action);
    },
  );
});
