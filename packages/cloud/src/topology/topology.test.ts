import { describe, expect, test } from "vitest";
import { declaredRoles } from "../composition/roles.ts";
import { smallStacks } from "../testing/small-stacks.ts";
import { rulesOf } from "./buses.ts";
import { queuePoliciesOf, queuesOf } from "./queues.ts";
import { schedulesOf } from "./schedules.ts";
import type { Snapshot } from "./snapshot.ts";
import { loadTopology, type Topology } from "./topology.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };
const registries = [
  hubRegistry,
  { account: "111122223333", region: "us-west-2" },
  { account: "444455556666", region: "us-east-1" },
];

type Change = (stacks: { hub: Snapshot; member: Snapshot }) => void;

function load(change: Change = () => undefined): Topology {
  const stacks = smallStacks();
  change(stacks);
  return loadTopology({ ...stacks, hubRegistry, registries });
}

const resource = (snapshot: Snapshot, type: string, name: string) => {
  const found = snapshot.resources[type]?.[name];
  if (!found) throw new Error(`no ${type} ${name}`);
  return found;
};

describe("a topology", () => {
  test("stands in the hub once and in every registry", () => {
    const queues = queuesOf(load()).map((queue) => queue.arn);
    expect(queues.filter((arn) => arn.endsWith(":Work"))).toEqual([
      "arn:aws:sqs:us-east-1:111122223333:Work",
    ]);
    expect(queues.filter((arn) => arn.endsWith(":RelayUndelivered")).toSorted()).toEqual([
      "arn:aws:sqs:us-east-1:111122223333:RelayUndelivered",
      "arn:aws:sqs:us-east-1:444455556666:RelayUndelivered",
      "arn:aws:sqs:us-west-2:111122223333:RelayUndelivered",
    ]);
  });

  test("points members to the hub", () => {
    const targets = rulesOf(load())
      .filter((rule) => rule.name === "Relay")
      .flatMap((rule) => rule.targets);
    expect(targets).toHaveLength(3);
    expect(new Set(targets.map((target) => target.arn))).toEqual(
      new Set(["arn:aws:events:us-east-1:111122223333:event-bus/central"]),
    );
    expect(targets.map((target) => target.roleArn?.slice(13, 25))).toEqual([
      "111122223333",
      "111122223333",
      "444455556666",
    ]);
  });

  test("declares a role once for an account, however many of its Regions declare it alike", () => {
    expect(declaredRoles(load()).map((role) => `${role.account}/${role.name}`)).toEqual([
      "111122223333/timer",
      "111122223333/forward",
      "444455556666/forward",
    ]);
  });

  test.each<[string, RegExp, Change, (topology: Topology) => unknown]>([
    [
      "an unknown type",
      /hub: this cloud does not know the resource type aws:sns\/topic:Topic/,
      ({ hub }) => {
        hub.resources["aws:sns/topic:Topic"] = { T: {} };
      },
      () => undefined,
    ],
    [
      "an unknown input",
      /Queue Work has the input kmsMasterKeyId/,
      ({ hub }) => {
        resource(hub, "aws:sqs/queue:Queue", "Work")["kmsMasterKeyId"] = "alias/key";
      },
      () => undefined,
    ],
    [
      "an unknown token",
      /unknown token \$\{Stage\}/,
      ({ hub }) => {
        resource(hub, "aws:sqs/queue:Queue", "Work")["name"] = "Work${Stage}";
      },
      () => undefined,
    ],
    [
      "a visibility timeout over 12 hours",
      /visibilityTimeoutSeconds/,
      ({ hub }) => {
        resource(hub, "aws:sqs/queue:Queue", "Work")["visibilityTimeoutSeconds"] = 43_201;
      },
      queuesOf,
    ],
    [
      "a delay over 900 s",
      /delaySeconds/,
      ({ hub }) => {
        resource(hub, "aws:sqs/queue:Queue", "Work")["delaySeconds"] = 901;
      },
      queuesOf,
    ],
    [
      "a FIFO queue by another name",
      /end with .fifo/,
      ({ hub }) => {
        resource(hub, "aws:sqs/queue:Queue", "Work")["fifoQueue"] = true;
      },
      queuesOf,
    ],
    [
      "two policies of one queue",
      /second policy of arn:aws:sqs:us-east-1:111122223333:Work/,
      ({ hub }) => {
        const policies = hub.resources["aws:sqs/queuePolicy:QueuePolicy"] ?? {};
        policies["Again"] = resource(hub, "aws:sqs/queuePolicy:QueuePolicy", "Work");
      },
      queuePoliciesOf,
    ],
    [
      "an unknown pattern operator",
      /rule Work: .*unknown operator "regex"/,
      ({ hub }) => {
        resource(hub, "aws:cloudwatch/eventRule:EventRule", "Work")["eventPattern"] = {
          source: [{ regex: "x" }],
        };
      },
      rulesOf,
    ],
    [
      "a target of a rule that is not there",
      /names a rule that does not exist/,
      ({ hub }) => {
        resource(hub, "aws:cloudwatch/eventTarget:EventTarget", "Work")["rule"] = "Gone";
      },
      rulesOf,
    ],
    [
      "a target that is a function",
      /a target is a queue or an event bus/,
      ({ hub }) => {
        resource(hub, "aws:cloudwatch/eventTarget:EventTarget", "Work")["arn"] =
          "arn:aws:lambda:us-east-1:111122223333:function:F";
      },
      rulesOf,
    ],
    [
      "a schedule expression that Scheduler refuses",
      /schedule tick: .*every day/,
      ({ hub }) => {
        resource(hub, "aws:scheduler/schedule:Schedule", "Tick")["scheduleExpression"] = "every day";
      },
      schedulesOf,
    ],
    [
      "two different roles of one name",
      /role forward of 111122223333 is declared twice, differently/,
      ({ member }) => {
        resource(member, "aws:iam/role:Role", "Relay")["path"] = "/${Region}/";
      },
      declaredRoles,
    ],
  ])("refuses %s by name", (_name, message, change, read) => {
    expect(() => read(load(change))).toThrow(message);
  });
});
