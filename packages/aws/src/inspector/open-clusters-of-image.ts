import { setTimeout } from "node:timers/promises";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { ClustersOfImage } from "@tallyman/domain/usage/clusters-of-image";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { StsLocation } from "../sts/assume-role.ts";
import { assumedRole, type RoleToAssume } from "../sts/role-credentials.ts";
import { inspectorClusters } from "./clusters-of-image.ts";

/** Somebody waits for the answer, and one call follows another seldom. */
const ANSWER_WITHIN_MS = 3_000;
const ALL_WITHIN_MS = 6_000;
const KEPT = 8;

/** Who asks may do nothing else with the reader role. */
const SESSION_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "inspector2:GetClustersForImage", Resource: "*" }],
});

/** Inspector in every account that has the reader role. */
export function openClustersOfImage(sts: StsLocation, role: RoleToAssume): ClustersOfImage {
  const ask = inspectorClusters({
    role: assumedRole(sts, { ...role, sessionPolicy: SESSION_POLICY }),
    retryMode: "standard",
    answerWithin: ANSWER_WITHIN_MS,
    attempts: 2,
    keep: KEPT,
  });
  return async (image) => {
    const late = new AbortController();
    try {
      return await Promise.race([ask(image), tooLate(image, late.signal)]);
    } finally {
      late.abort();
    }
  };
}

/** Of all pages and attempts: the API's own answer must not be late for this. */
async function tooLate(at: Registry, signal: AbortSignal): Promise<never> {
  await setTimeout(ALL_WITHIN_MS, undefined, { signal });
  throw new UsageUnavailableError(at, { action: "inspector2:GetClustersForImage" });
}
