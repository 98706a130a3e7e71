import {
  DeregisterPullTimeUpdateExclusionCommand,
  ListPullTimeUpdateExclusionsCommand,
} from "@aws-sdk/client-ecr";
import type { Item } from "./admin-api.ts";
import type { Embedded } from "./embedded.ts";
import { withEcr } from "./registries.ts";
import type { Registry } from "./registry-client.ts";

/** Calls of one ECR operation so far, by role or user. */
export type Calls = Readonly<Record<string, number>>;

export function readerOf({ account }: Registry): string {
  return `arn:aws:iam::${account}:role/tallyman-reader`;
}

/** Principals whose reads do not move pull times. */
export async function exclusionsOf(product: Embedded, registry: Registry): Promise<readonly string[]> {
  const command = new ListPullTimeUpdateExclusionsCommand({});
  const answer = await withEcr(product.url, registry, (ecr) => ecr.send(command));
  return answer.pullTimeUpdateExclusions ?? [];
}

/** Takes the reader's exclusion away, as a person could, and lets the hour pass for which functions believe in it. */
export async function removeExclusion(product: Embedded, ...registries: readonly Registry[]): Promise<void> {
  for (const registry of registries) {
    const command = new DeregisterPullTimeUpdateExclusionCommand({ principalArn: readerOf(registry) });
    await withEcr(product.url, registry, (ecr) => ecr.send(command));
  }
  await product.control("POST", "clock", { advance: "PT61M" });
}

/** What went over the wire to ECR, by operation. */
export async function ecrCalls(product: Embedded): Promise<Readonly<Record<string, Calls>>> {
  const counts = (await product.control("GET", "wire")) as Record<string, Calls>;
  return Object.fromEntries(Object.entries(counts).filter(([operation]) => operation.startsWith("ecr:")));
}

export async function ourManifestReads(product: Embedded): Promise<number> {
  return (await ecrCalls(product))["ecr:BatchGetImage"]?.["tallyman-reader"] ?? 0;
}

const READS = /^ecr:(Describe|List|Get|BatchGet|BatchCheck)/;

/** Every call of the product's own roles to ECR that could write, whatever became of it. */
export async function ourWrites(product: Embedded): Promise<Readonly<Record<string, Calls>>> {
  const writes = Object.entries(await ecrCalls(product)).flatMap(([operation, calls]) => {
    const ours = Object.entries(calls).filter(([principal]) => principal.startsWith("tallyman-"));
    return READS.test(operation) || ours.length === 0 ? [] : [[operation, Object.fromEntries(ours)]];
  });
  return Object.fromEntries(writes);
}

/** Runs the reconcile schedule and waits until all of it is done. */
export async function reconcile(product: Embedded): Promise<void> {
  await product.control("POST", "run/reconcile?wait=0");
  await product.atRest();
}

/** What the audit trail says about exclusions, oldest first: `[step, registry, reason]`. */
export async function exclusionAudit(
  product: Embedded,
): Promise<readonly (readonly [step: string, subject: string, reason: string])[]> {
  const entries: readonly Item[] = await product.api.list("/audit");
  return entries
    .map((it): Item => ({ ...it, step: /^pull-time-exclusion\.(.+)$/.exec(String(it["action"]))?.[1] ?? "" }))
    .filter((it) => it["step"] !== "")
    .toSorted((a, b) => order(a).localeCompare(order(b)))
    .map((it) => [String(it["step"]), String(it["subject"]), String(it["reason"])]);
}

/** What is about to be done and what came of it carry the time of their run: the same. */
function order(entry: Item): string {
  return `${entry["at"]} ${entry["step"] === "register-requested" ? 0 : 1}`;
}
