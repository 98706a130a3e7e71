import { RegisterPullTimeUpdateExclusionCommand } from "@aws-sdk/client-ecr";
import { Embedded } from "../../support/embedded.ts";
import { callsOf, costOf, registryReads } from "../../support/push-cost.ts";
import { startPushes } from "../../support/pushes.ts";
import { createRepository, EAST, withEcr } from "../../support/registries.ts";
import { registryToken } from "../../support/registry-client.ts";
import type { Progress } from "../figure.ts";
import { contentOf, putManifests, REPOSITORY, uploadAtOnce, withConnections } from "../transfers.ts";
import type { Target } from "../wire-client.ts";
import type { PushCost } from "./monthly-bill.ts";
import type { ScalePoint } from "./run-scale.ts";
import type { ScaleWorker } from "./scale-process.ts";

const CONNECTIONS = 8;

/**
 * Fills one repository of the running product up to each of `sizes` and reconciles it each time from nothing, over HTTP and
 * with the SDK, into a table of the worker's own.
 */
export async function embeddedScale(
  worker: ScaleWorker,
  sizes: readonly number[],
  progress: Progress,
): Promise<readonly ScalePoint[]> {
  const product = await Embedded.start();
  try {
    // What happens to a push's event is measured elsewhere, and would take longer than all of this.
    await product.control("POST", "faults", { events: { drop: 1 } });
    await createRepository(product.url, EAST, REPOSITORY);
    const reader = await excludeAdministrator(product.url);
    const target: Target = {
      name: "ours",
      port: Number(new URL(product.url).port),
      credentials: `Authorization: Basic ${await registryToken(product.url, EAST)}\r\n`,
    };
    const layer = contentOf("a layer of them all", 1000);
    await withConnections(target, 1, (connection) => uploadAtOnce(connection, layer));
    const points: ScalePoint[] = [];
    let filled = 0;
    for (const images of sizes) {
      const each = Math.ceil((images - filled) / CONNECTIONS);
      await withConnections(target, CONNECTIONS, (connection, index) => {
        const first = filled + index * each;
        return putManifests(connection, layer, { first, count: Math.min(each, images - first) });
      });
      filled = images;
      progress(`${images} images pushed`);
      const job = { kind: "embedded", url: product.url, repository: REPOSITORY, images, ...reader } as const;
      points.push(...(await worker.run(job, progress)));
    }
    return points;
  } finally {
    await product.dispose();
  }
}

/** What a new image in a repository that is known costs: the usual push. */
export async function costOfPush(): Promise<PushCost> {
  const product = await Embedded.start();
  try {
    const pushes = await startPushes(product);
    await pushes.create("prod/web");
    await costOf(product, () => pushes.push("prod/web", "1.0.0", "the first"));
    const cost = await costOf(product, () => pushes.push("prod/web", "1.0.1", "another"));
    const { writeUnits, readUnits } = cost;
    return { writeUnits, readUnits, registryReads: registryReads(cost), objects: callsOf(cost, "s3:Put") };
  } finally {
    await product.dispose();
  }
}

/** Whoever reads here is the account's administrator; their reads must count as no pull, as the reader's do. */
async function excludeAdministrator(url: string): Promise<{ readonly readerRoleName: string }> {
  const role = "bench-reader";
  const root = `arn:aws:iam::${EAST.account}`;
  await withEcr(url, EAST, async (ecr) => {
    for (const principalArn of [`${root}:role/${role}`, `${root}:user/test`])
      await ecr.send(new RegisterPullTimeUpdateExclusionCommand({ principalArn }));
  });
  return { readerRoleName: role };
}
