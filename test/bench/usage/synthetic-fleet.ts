import {
  answersOf,
  clusterArn,
  definitionArn,
  type FakeAccount,
  type FakeTask,
} from "../../support/aws-account.ts";
import type { WireAnswers } from "../../support/aws-wire.ts";

// One account as it is asked about 200 times: every account of the bench holds the same, under its own images.

export const CLUSTERS = 2;
export const RUNNING = 250;
export const STOPPED = 20;
export const SERVICES = 6;
export const REVISIONS = 3;
export const FUNCTIONS = 10;
/** ECS asks for each rule and schedule once. */
export const TIMERS = 4;

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const digestOf = (service: number) => `sha256:${String(service).padStart(64, "0")}`;

/** What the account's APIs answer. */
export function fleetAnswers(): WireAnswers {
  return answersOf(fleet());
}

function fleet(): FakeAccount {
  const services = numbers(SERVICES);
  const families = numbers(CLUSTERS).flatMap((c) => services.map((s) => `web-${c}-${s}`));
  const revisions = families.flatMap((family) =>
    numbers(REVISIONS).map((r) => [`${family}:${r + 1}`, [`${HOST}/shop/${family}:${r + 1}`]] as const),
  );
  const start = { Arn: clusterArn("c-0"), EcsParameters: { TaskDefinitionArn: definitionArn("web-0-0:1") } };
  const timers = numbers(TIMERS);
  return {
    clusters: Object.fromEntries(numbers(CLUSTERS).map((c) => [`c-${c}`, clusterOf(c)])),
    definitions: Object.fromEntries(revisions),
    rules: { default: Object.fromEntries(timers.map((r) => [`rule-${r}`, [start]])) },
    schedules: Object.fromEntries(timers.map((s) => [`default/schedule-${s}`, start])),
    functions: numbers(FUNCTIONS).map((f) => {
      const ImageUri = `${HOST}/shop/function-${f}@${digestOf(1000 + f)}`;
      return { name: `function-${f}`, versions: { $LATEST: { ImageUri, ResolvedImageUri: ImageUri } } };
    }),
  };
}

function clusterOf(c: number) {
  const task = (status: FakeTask["status"], i: number): FakeTask => {
    const service = i % SERVICES;
    const name = `web-${c}-${service}`;
    const image = `${HOST}/shop/${name}:${REVISIONS}`;
    const containers = [{ image, imageDigest: digestOf(c * SERVICES + service) }];
    return { status, group: `service:${name}`, definition: `${name}:${REVISIONS}`, containers };
  };
  return {
    tasks: [
      ...numbers(RUNNING).map((i) => task("RUNNING", i)),
      ...numbers(STOPPED).map((i) => ({ ...task("STOPPED", i), stoppedAt: Date.now() / 1000 - 600 })),
    ],
    services: numbers(SERVICES).map((s) => ({
      name: `web-${c}-${s}`,
      definition: `web-${c}-${s}:${REVISIONS}`,
    })),
  };
}
