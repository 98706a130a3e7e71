import { ecsUsageCollector } from "@tallyman/aws/ecs/usage-collector";
import { HUB } from "../builders/registry.ts";
import { answersOf, type FakeAccount } from "./aws-account.ts";
import { collectAll, WIRE_CLIENTS, wired } from "./collecting.ts";

// What the tests of collecting from ECS share.

export const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
export const WEB = `${HOST}/prod/web`;
export const PLACE = { account: HUB.account, region: HUB.region };
export const open = () => ecsUsageCollector(WIRE_CLIENTS);

export async function collected(account: FakeAccount, options?: { readonly revisions?: number }) {
  const wire = await wired(answersOf(account));
  const found = await collectAll(open, options);
  return { ...found, counts: wire.counts(), wire };
}
