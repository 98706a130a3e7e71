import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { TaskStateMessage } from "./task-state.ts";

const ARN = "arn:aws:ecs:us-east-1:111122223333";
const IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/app:latest";
const DIGEST = aDigest("image");

/** As ECS's documentation shows one: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
function anEvent(detail: Record<string, unknown> = {}) {
  return {
    version: "0",
    id: "105f6bb1-4da6-c630-4965-35383018cbca",
    "detail-type": "ECS Task State Change",
    source: "aws.ecs",
    account: "111122223333",
    time: "2026-05-06T11:02:34Z",
    region: "us-east-1",
    resources: [`${ARN}:task/example-cluster/a1173316d40a45dea9`],
    detail: {
      clusterArn: `${ARN}:cluster/example-cluster`,
      containers: [{ name: "web", lastStatus: "RUNNING", image: IMAGE, imageDigest: DIGEST }],
      desiredStatus: "RUNNING",
      lastStatus: "RUNNING",
      group: "family:webserver",
      taskDefinitionArn: `${ARN}:task-definition/webserver:5`,
      version: 3,
      ...detail,
    },
  };
}

test("a task says what its containers run, in which cluster, and what started it", () => {
  expect(TaskStateMessage.parse(anEvent())).toEqual({
    id: "105f6bb1-4da6-c630-4965-35383018cbca",
    time: "2026-05-06T11:02:34Z",
    account: "111122223333",
    region: "us-east-1",
    cluster: "example-cluster",
    service: "task-definition-family/webserver",
    status: "RUNNING",
    containers: [{ image: IMAGE, digest: DIGEST }],
  });
  expect(TaskStateMessage.parse(anEvent({ group: "service:web" })).service).toBe("service/web");
  expect(TaskStateMessage.parse(anEvent({ group: "my own group" })).service).toBe(
    "task-definition-family/webserver",
  );
});

test("what ECS adds to a task by itself, without an image, takes nothing from the others", () => {
  const containers = [
    { name: "aws-guardduty-agent", lastStatus: "RUNNING", imageDigest: aDigest("agent") },
    { name: "empty", image: "", imageDigest: aDigest("agent") },
    { name: "web", image: IMAGE, imageDigest: DIGEST },
    { name: "pending", image: IMAGE },
    { name: "odd", image: IMAGE, imageDigest: "sha256:short" },
  ];
  expect(TaskStateMessage.parse(anEvent({ containers })).containers).toEqual([
    { image: IMAGE, digest: DIGEST },
    { image: IMAGE },
    { image: IMAGE },
  ]);
});

test.each([
  ["a state that nobody asked for", { lastStatus: "PENDING" }],
  ["a cluster that is none", { clusterArn: "prod" }],
  ["containers that are none", { containers: ["web"] }],
  ["more containers than a task can have", { containers: Array(101).fill({ image: IMAGE }) }],
])("an event with %s is refused", (_, detail) => {
  expect(TaskStateMessage.safeParse(anEvent(detail)).success).toBe(false);
});
