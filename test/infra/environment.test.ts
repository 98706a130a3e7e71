import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Snapshot } from "@tallyman/cloud/topology/snapshot";
import { expect, test } from "vitest";
import { readConfig as api } from "../../functions/api/config.ts";
import { readConfig as collectUsage } from "../../functions/collect-usage/config.ts";
import { readConfig as due } from "../../functions/due/config.ts";
import { readConfig as imageAction } from "../../functions/image-action/config.ts";
import { readConfig as notify } from "../../functions/notify/config.ts";
import { readConfig as reconcile } from "../../functions/reconcile/config.ts";
import { readConfig as recount } from "../../functions/recount/config.ts";
import { readConfig as replicaCheck } from "../../functions/replica-check/config.ts";
import { readConfig as replicationAction } from "../../functions/replication-action/config.ts";
import { readConfig as trailAction } from "../../functions/trail-action/config.ts";
import { readConfig as usageAction } from "../../functions/usage-action/config.ts";
import { ROOT } from "./synth/synthesize.ts";

const hub = Snapshot.parse(JSON.parse(readFileSync(join(ROOT, "stacks/snapshot/hub.json"), "utf8")));
const CONFIGS = {
  Api: api,
  CollectUsage: collectUsage,
  Due: due,
  ImageAction: imageAction,
  Notify: notify,
  Reconcile: reconcile,
  Recount: recount,
  ReplicaCheck: replicaCheck,
  ReplicationAction: replicationAction,
  TrailAction: trailAction,
  UsageAction: usageAction,
};
const FUNCTIONS = Object.entries(hub.resources["aws:lambda/function:Function"] ?? {});
/** Set by Lambda itself. */
const LAMBDA = { AWS_REGION: "us-east-1" };

function variablesOf(inputs: unknown): Record<string, string> {
  const text = JSON.stringify((inputs as { environment: { variables: object } }).environment.variables);
  return JSON.parse(text.replaceAll("${Region}", "us-east-1").replaceAll("${Account}", "111122223333"));
}

test("every function of the hub has a config of ours", () => {
  expect(FUNCTIONS.map(([name]) => name)).toEqual(Object.keys(CONFIGS));
});

test.each(FUNCTIONS)("%s starts with what the stacks set, and with nothing less", (name, inputs) => {
  const readConfig = CONFIGS[name as keyof typeof CONFIGS];
  const variables = variablesOf(inputs);
  expect(() => readConfig({ ...LAMBDA, ...variables })).not.toThrow();
  // Read by Powertools.
  const ours = Object.keys(variables).filter((variable) => !variable.startsWith("POWERTOOLS_"));
  const unread = ours.filter((variable) => {
    const { [variable]: _, ...rest } = variables;
    try {
      readConfig({ ...LAMBDA, ...rest });
      return true;
    } catch {
      return false;
    }
  });
  expect(unread, `${name} reads none of these`).toEqual([]);
});
