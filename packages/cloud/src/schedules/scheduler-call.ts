import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import type { Authorizer } from "../identity/authorizer.ts";
import type { Schedule } from "./schedule.ts";
import { invalid, ScheduleInput, scheduleArn } from "./schedule-input.ts";
import type { Scheduler } from "./scheduler.ts";

export type SchedulerApiOptions = {
  readonly scheduler: Scheduler;
  readonly authorize: Authorize;
  readonly authorizeAssumeRole: Authorizer["authorizeAssumeRole"];
  readonly faults: Pick<Faults, "failure">;
  readonly now: () => Date;
};

/** One call of Scheduler, by a caller whose signature was verified. */
export type Call = SchedulerApiOptions & {
  readonly operation: string;
  readonly request: AwsRequest;
  /** Of the path. */
  readonly name: string;
};

export const SERVICE = "scheduler.amazonaws.com";

export function inputOf({ request }: Call): ScheduleInput {
  const input = parse(ScheduleInput, jsonOf(request.body));
  checkGroup(input.GroupName);
  return input;
}

/** The schedule that is asked for; throws when the caller may not ask, then when it is not there. */
export function scheduleFor(call: Call): Schedule {
  const arn = permittedArn(call);
  const { query, method } = call.request;
  if (method !== "PUT") checkGroup(query.get("groupName") ?? "default");
  const found = call.scheduler.find(arn);
  if (found) return found;
  throw new AwsError("ResourceNotFoundException", `Schedule ${call.name} does not exist.`, 404);
}

export function permittedArn(call: Call): string {
  const { account, region } = call.request;
  if (!/^[0-9a-zA-Z-_.]{1,64}$/.test(call.name))
    throw invalid(`1 validation error detected: Value '${call.name}' at 'name' is no name of a schedule`);
  const resource = scheduleArn({ account, region, name: call.name });
  permit(call, { action: `scheduler:${call.operation}`, resource });
  return resource;
}

export function permit(
  { authorize, request }: Call,
  {
    action,
    resource,
    passed = false,
  }: { readonly action: string; readonly resource: string; readonly passed?: boolean },
): void {
  const { caller, account } = request;
  const context = passed ? { "iam:passedtoservice": SERVICE } : {};
  const decision = authorize({ caller, action, resource, resourceAccount: account, context });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 403);
}

function checkGroup(group: string): void {
  if (group !== "default")
    throw new AwsError("ResourceNotFoundException", `Schedule group ${group} does not exist.`, 404);
}

export function parse<Shape extends z.ZodType>(shape: Shape, input: unknown): z.infer<Shape> {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error));
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
}
