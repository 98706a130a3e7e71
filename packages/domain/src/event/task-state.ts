import { AccountId, Region } from "../registry/registry.ts";
import * as z from "../zod.ts";

/** A container of a task: what its definition names, and what the agent resolved that to, once it knows. */
export type TaskContainer = { readonly image: string; readonly digest?: string };

/** `ECS Task State Change` of a task that runs or has stopped, in the product's words. */
export type TaskStateEvent = {
  readonly id: string;
  /** When ECS saw the change. */
  readonly time: string;
  readonly account: string;
  readonly region: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** What started it: `service/web`; otherwise its definition's family, `task-definition-family/web`. */
  readonly service: string;
  readonly status: "RUNNING" | "STOPPED";
  readonly containers: readonly TaskContainer[];
};

const Arn = z.string().check(z.maxLength(2048), z.regex(/^arn:aws[a-z-]*:ecs:[^/]+\/.+$/, "no ARN of ECS"));
const DIGEST = /^sha256:[0-9a-f]{64}$/;

// Sidecars that ECS adds by itself (GuardDuty's agent) have a digest and no image.
const Container = z.object({
  image: z.optional(z.string().check(z.maxLength(1024))),
  imageDigest: z.optional(z.string().check(z.maxLength(200))),
});

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html. Only the fields that are used.
const TaskStateChange = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  source: z.literal("aws.ecs"),
  "detail-type": z.literal("ECS Task State Change"),
  account: AccountId,
  region: Region,
  time: z.iso.datetime(),
  detail: z.object({
    clusterArn: Arn,
    taskDefinitionArn: Arn,
    group: z.optional(z.string().check(z.maxLength(300))),
    lastStatus: z.enum(["RUNNING", "STOPPED"]),
    containers: z.array(Container).check(z.maxLength(100)),
  }),
});

/** The whole event as EventBridge delivers it, envelope included. */
export const TaskStateMessage = z.pipe(
  TaskStateChange,
  z.transform(
    ({ id, time, account, region, detail }): TaskStateEvent => ({
      id,
      time,
      account,
      region,
      cluster: lastOf(detail.clusterArn),
      service: startedBy(detail.group, detail.taskDefinitionArn),
      status: detail.lastStatus,
      containers: detail.containers.flatMap(({ image, imageDigest }) => {
        if (!image) return [];
        return [
          { image, ...(imageDigest !== undefined && DIGEST.test(imageDigest) && { digest: imageDigest }) },
        ];
      }),
    }),
  ),
);

/** A group is `service:<name>`, `family:<name>`, or whatever RunTask was told: then only the family says what runs. */
function startedBy(group: string | undefined, taskDefinitionArn: string): string {
  const [kind, name] = (group ?? "").split(":");
  if (kind === "service" && name !== undefined && /^[\w-]{1,255}$/.test(name)) return `service/${name}`;
  const [family = ""] = lastOf(taskDefinitionArn).split(":");
  return `task-definition-family/${family}`;
}

function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
