import * as z from "zod";
import { keepWhole, readKept } from "../kept-file.ts";
import { EcsParameters } from "./ecs-target.ts";
import { busName, makeRule } from "./make-rule.ts";
import { allManagementEvents } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";

const KeptTarget = z.object({
  id: z.string(),
  arn: z.string(),
  roleArn: z.string().optional(),
  deadLetter: z.string().optional(),
  retry: z.object({ maximumAttempts: z.number(), maximumAge: z.number() }),
  messageGroupId: z.string().optional(),
  ecs: EcsParameters.optional(),
  input: z.string().optional(),
});
const KeptRule = z.object({
  name: z.string(),
  account: z.string(),
  region: z.string(),
  bus: z.string(),
  state: z.enum(["ENABLED", "DISABLED", allManagementEvents]),
  pattern: z.json().optional(),
  schedule: z.string().optional(),
  description: z.string().optional(),
  targets: z.array(KeptTarget),
});

/** Puts the rules that calls made into the book, and keeps what becomes of them in a file; those of the stacks are made anew at each start. */
export async function keepRules(rules: RuleBook, file: string): Promise<void> {
  for (const rule of (await readKept(file, z.array(KeptRule), "rules")) ?? []) rules.put(makeRule(rule));
  rules.keepWith(keepWhole(file, () => JSON.stringify(madeByCalls(rules))));
}

function madeByCalls(rules: RuleBook): readonly z.infer<typeof KeptRule>[] {
  const made = rules.all().filter(({ arn }) => !rules.isDeclared(arn));
  return made.map((rule) => ({
    ...{ name: rule.name, account: rule.account, region: rule.region, state: rule.state },
    bus: busName(rule.busArn),
    ...(rule.pattern !== undefined && { pattern: JSON.parse(rule.pattern) }),
    schedule: rule.schedule?.text,
    description: rule.description,
    targets: [...rule.targets],
  }));
}
