import * as z from "zod";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import { createRestRouter, type RestRoute } from "../http/rest-route.ts";
import { invalid, type ScheduleInput, scheduleOf } from "./schedule-input.ts";
import { listedView, scheduleView } from "./schedule-view.ts";
import {
  type Call,
  inputOf,
  parse,
  permit,
  permittedArn,
  type SchedulerApiOptions,
  SERVICE,
  scheduleFor,
} from "./scheduler-call.ts";

const ONE = "/schedules/{Name}";
const routes: readonly RestRoute<(call: Call) => object>[] = [
  { method: "GET", path: "/schedules", operation: "ListSchedules", handle: listSchedules },
  { method: "POST", path: ONE, operation: "CreateSchedule", handle: createSchedule },
  { method: "PUT", path: ONE, operation: "UpdateSchedule", handle: updateSchedule },
  { method: "GET", path: ONE, operation: "GetSchedule", handle: (call) => scheduleView(scheduleFor(call)) },
  { method: "DELETE", path: ONE, operation: "DeleteSchedule", handle: deleteSchedule },
];
const route = createRestRouter(routes);

/**
 * EventBridge Scheduler (REST-JSON): schedules of the group `default`. Those of the stacks can be changed like others, until
 * the next start makes them as the stacks say.
 */
export function schedulerApi(options: SchedulerApiOptions): AwsService {
  return {
    signingName: "scheduler",
    operationOf: (request) => route(request)?.operation,
    async handle(request) {
      try {
        const answer = perform(options, request);
        await options.scheduler.saved();
        return answer;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { headers, ...rest } = json(error.status, { Message: error.message });
        return { ...rest, headers: { ...headers, "x-amzn-errortype": error.code } };
      }
    },
  };
}

function perform(options: SchedulerApiOptions, request: AwsRequest): AwsResponse {
  const found = route(request);
  if (!found)
    throw new AwsError(
      "UnknownOperationException",
      `This cloud's Scheduler does not offer ${request.method} ${request.path}.`,
      404,
    );
  const { operation, handle, parts } = found;
  const fault = options.faults.failure(`scheduler:${operation}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  const name = parts["Name"] ?? "";
  return json(200, handle({ ...options, operation, request, name }));
}

function createSchedule(call: Call): object {
  const arn = permittedArn(call);
  const input = inputOf(call);
  if (call.scheduler.find(arn))
    throw new AwsError("ConflictException", `Schedule ${call.name} already exists.`, 409);
  return put(call, input, call.now().toISOString());
}

/** What is not given is as it is by default, not as it was (API Reference, UpdateSchedule). */
function updateSchedule(call: Call): object {
  const { made } = scheduleFor(call);
  return put(call, inputOf(call), made?.created ?? call.now().toISOString());
}

function put(call: Call, input: ScheduleInput, created: string): object {
  const { account, region, caller } = call.request;
  const made = { created, modified: call.now().toISOString() };
  const schedule = scheduleOf(input, { account, region, name: call.name }, made);
  permit(call, { action: "iam:PassRole", resource: schedule.roleArn, passed: true });
  const service = { account: caller.account, arn: SERVICE, service: SERVICE };
  const { arn: sourceArn, roleArn } = schedule;
  const context = { "aws:sourcearn": sourceArn };
  if (!call.authorizeAssumeRole({ caller: service, roleArn, context }).allowed)
    throw invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
  call.scheduler.put(schedule);
  return { ScheduleArn: schedule.arn };
}

function deleteSchedule(call: Call): object {
  call.scheduler.delete(scheduleFor(call).arn);
  return {};
}

const Paging = z.object({
  MaxResults: z.coerce.number().int().min(1).max(100).default(100),
  NextToken: z.string().min(1).max(2048).optional(),
});

function listSchedules(call: Call): object {
  const { query, account, region } = call.request;
  permit(call, { action: "scheduler:ListSchedules", resource: "*" });
  const { MaxResults, NextToken } = parse(Paging, Object.fromEntries(query));
  const prefix = query.get("NamePrefix") ?? "";
  const state = query.get("State");
  const own = call.scheduler
    .all()
    .filter((one) => one.account === account && one.region === region && one.name.startsWith(prefix))
    .filter((one) => state === null || (state === "ENABLED") === one.enabled)
    .filter(() => [null, "default"].includes(query.get("ScheduleGroup")))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64url").toString());
  if (!Number.isSafeInteger(from) || from < 0) throw invalid("Invalid NextToken provided.");
  const end = from + MaxResults;
  const rest = end < own.length && { NextToken: Buffer.from(String(end)).toString("base64url") };
  return { Schedules: own.slice(from, end).map(listedView), ...rest };
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
