import type { ClientsOptions } from "@tallyman/aws/sts/clients-at";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import type { UsageCollector } from "@tallyman/domain/usage/ports";
import { onTestFinished, vi } from "vitest";
import { HUB } from "../builders/registry.ts";
import { type AwsWire, startAwsWire, type WireAnswers } from "./aws-wire.ts";

/** What collectors are opened with: credentials whose key is the account that they are for. */
export const WIRE_CLIENTS: ClientsOptions = {
  role: (account) => async () => ({
    accessKeyId: account,
    secretAccessKey: "test",
    sessionToken: "test",
    expiration: new Date(Date.now() + 3_600_000),
  }),
  retryMode: "standard",
};

/** An AWS that gives these answers, and that every client opened in this test asks; it ends with the test. */
export async function wired(answers: WireAnswers): Promise<AwsWire> {
  const wire = await startAwsWire(answers);
  vi.stubEnv("AWS_ENDPOINT_URL", wire.endpoint);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await wire.close();
  });
  return wire;
}

/** Everything that a collector finds, each page asked for anew from what the page before said alone. */
export async function collectAll(
  collector: () => UsageCollector,
  { at = HUB, revisions = 5 }: { readonly at?: typeof HUB; readonly revisions?: number } = {},
): Promise<{ readonly items: readonly UsageItem[]; readonly pages: number }> {
  const items: UsageItem[] = [];
  let next: string | undefined;
  let pages = 0;
  do {
    const page = await collector().collect(at, { revisions }, next);
    items.push(...page.items);
    next = page.next;
    pages++;
  } while (next !== undefined);
  return { items, pages };
}
