import { randomUUID } from "node:crypto";
import type { Recurring } from "../schedules/recurring.ts";
import { eventTime } from "./bus-event.ts";
import type { EventBuses } from "./event-buses.ts";
import type { Rule } from "./rule.ts";

/** Has rules with a schedule send their events, whatever calls make of the rules meanwhile. */
export function runRuleSchedules(buses: EventBuses, recurring: Recurring): void {
  let armed: ReadonlyMap<string, string> = new Map();
  function follow(): void {
    const due = new Map(
      buses.rules.all().flatMap((rule) => (isDue(rule) ? [[rule.arn, rule] as const] : [])),
    );
    for (const arn of armed.keys()) if (!due.has(arn)) recurring.delete(arn);
    // One that is as it was goes on: its period does not begin anew.
    for (const [arn, { schedule }] of due)
      if (schedule && armed.get(arn) !== schedule.text)
        recurring.set(arn, schedule.expression, (at) => send(buses, arn, at));
    armed = new Map([...due].map(([arn, { schedule }]) => [arn, schedule?.text ?? ""]));
  }
  buses.rules.onChange(follow);
  follow();
}

function isDue({ schedule, state }: Rule): boolean {
  return schedule !== undefined && state !== "DISABLED";
}

/** The event of a rule's schedule (User Guide, "Creating a rule that runs on a schedule"). */
function send(buses: EventBuses, arn: string, at: Date): void {
  const rule = buses.rules.find(arn);
  if (!rule) return;
  buses.deliver(rule, {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: rule.account,
    time: eventTime(at),
    region: rule.region,
    resources: [arn],
    detail: {},
  });
}
