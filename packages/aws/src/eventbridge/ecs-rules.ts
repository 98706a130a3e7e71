import {
  type EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from "@aws-sdk/client-eventbridge";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";

/** Each rule of a page is asked for its targets. */
const RULES = 25;
const TARGETS = 100;
const BUSES = 100;

const text = z.string();
const maybeText = z.optional(text);

const LISTED_BUSES = {
  action: "events:ListEventBuses",
  schema: z.object({ EventBuses: z.array(z.object({ Name: text })), NextToken: maybeText }),
} as const;
const LISTED_RULES = {
  action: "events:ListRules",
  schema: z.object({ Rules: z.array(z.object({ Name: text })), NextToken: maybeText }),
} as const;
const LISTED_TARGETS = {
  action: "events:ListTargetsByRule",
  schema: z.object({
    Targets: z.array(
      z.object({ Arn: text, EcsParameters: z.optional(z.object({ TaskDefinitionArn: text })) }),
    ),
    NextToken: maybeText,
  }),
  gone: "ResourceNotFoundException",
} as const;

/** A rule or schedule, and the task that it starts in a cluster. */
export type TaskStart = { readonly by: string; readonly cluster: string; readonly definition: string };

export async function listBuses(clients: ClientsAt<EventBridgeClient>, at: Registry, token?: string) {
  const command = new ListEventBusesCommand({ Limit: BUSES, NextToken: token });
  const { EventBuses, NextToken } = await askUsage(at, LISTED_BUSES, () => clients(at).send(command));
  return { buses: EventBuses.map(({ Name }) => Name), next: NextToken };
}

/** What a page of a bus's rules starts, on a schedule or on an event, switched off or not. */
export async function listTaskRules(
  clients: ClientsAt<EventBridgeClient>,
  at: Registry,
  { bus, token }: { readonly bus: string; readonly token?: string | undefined },
): Promise<{ readonly starts: readonly TaskStart[]; readonly next: string | undefined }> {
  const command = new ListRulesCommand({ EventBusName: bus, Limit: RULES, NextToken: token });
  const { Rules, NextToken } = await askUsage(at, LISTED_RULES, () => clients(at).send(command));
  const starts: TaskStart[] = [];
  for (const { Name } of Rules) starts.push(...(await startsOf(clients, at, { bus, rule: Name })));
  return { starts, next: NextToken };
}

async function startsOf(
  clients: ClientsAt<EventBridgeClient>,
  at: Registry,
  { bus, rule }: { readonly bus: string; readonly rule: string },
): Promise<readonly TaskStart[]> {
  const starts: TaskStart[] = [];
  let NextToken: string | undefined;
  do {
    const input = { EventBusName: bus, Rule: rule, Limit: TARGETS, NextToken };
    const page = await askIfThere(at, LISTED_TARGETS, () =>
      clients(at).send(new ListTargetsByRuleCommand(input)),
    );
    for (const { Arn, EcsParameters } of page?.Targets ?? []) {
      if (EcsParameters)
        starts.push({ by: `rule/${bus}/${rule}`, cluster: Arn, definition: EcsParameters.TaskDefinitionArn });
    }
    NextToken = page?.NextToken;
  } while (NextToken);
  return starts;
}
