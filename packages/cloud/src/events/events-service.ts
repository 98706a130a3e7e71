import { randomUUID } from "node:crypto";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import { type BusEvent, eventTime } from "./bus-event.ts";
import type { EventBuses } from "./event-buses.ts";
import { ruleOperations } from "./rules-api.ts";

const Entry = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  Time: z.number().optional(),
});
type Entry = z.infer<typeof Entry>;
const PutEvents = z.object({ Entries: z.array(Entry).min(1).max(10) });

export type EventsServiceOptions = {
  readonly buses: EventBuses;
  readonly authorize: Authorize;
  readonly busPolicies: (arn: string) => readonly unknown[];
  readonly now: () => Date;
  readonly faults: Faults;
};

/** EventBridge over AWS JSON 1.1: PutEvents, and what `rules-api.ts` offers. */
export function eventsService(options: EventsServiceOptions): AwsService {
  return {
    signingName: "events",
    async handle(request) {
      try {
        const answered = answer(options, request);
        await options.buses.rules.saved();
        return answered;
      } catch (error) {
        if (error instanceof AwsError)
          return jsonAnswer(error.status, { __type: error.code, message: error.message });
        throw error;
      }
    },
  };
}

function answer(options: EventsServiceOptions, request: AwsRequest): AwsResponse {
  const operation = request.headers["x-amz-target"]?.replace(/^AWSEvents\./, "") ?? "(none)";
  const onRules = Object.hasOwn(ruleOperations, operation) ? ruleOperations[operation] : undefined;
  if (operation !== "PutEvents" && !onRules)
    throw new AwsError("UnknownOperationException", `This cloud does not offer events:${operation}.`);
  const fault = options.faults.failure(`events:${operation}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  if (!onRules) return putEvents(options, request);
  const { buses, authorize } = options;
  const deps = {
    authorize,
    rules: buses.rules,
    hasBus: (arn: string) => buses.find(arn) !== undefined,
    busesOf: (account: string, region: string) => buses.of(account, region),
  };
  return jsonAnswer(200, onRules(request, deps));
}

function putEvents(options: EventsServiceOptions, request: AwsRequest): AwsResponse {
  const { Entries } = parse(request.body);
  checkSize(Entries);
  for (const bus of new Set(Entries.map((entry) => busArn(entry, request)))) permit(options, request, bus);
  const answers = Entries.map((entry) => accept(options, request, entry));
  const FailedEntryCount = answers.filter((answer) => "ErrorCode" in answer).length;
  return jsonAnswer(200, { FailedEntryCount, Entries: answers });
}

function parse(body: Uint8Array): z.infer<typeof PutEvents> {
  const parsed = PutEvents.safeParse(parseJson(Buffer.from(body).toString("utf8")));
  if (parsed.success) return parsed.data;
  throw new AwsError("ValidationException", z.prettifyError(parsed.error));
}

/** EventBridge: at most 256 KiB over all entries. */
function checkSize(entries: readonly Entry[]): void {
  const size = entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
  if (size > 262_144)
    throw new AwsError(
      "ValidationException",
      "Total size of the entries in the request is over the limit.",
      413,
    );
}

function permit(options: EventsServiceOptions, { caller }: AwsRequest, bus: string): void {
  const [, , , , account = ""] = bus.split(":");
  const decision = options.authorize({
    caller,
    action: "events:PutEvents",
    resource: bus,
    resourceAccount: account,
    resourcePolicies: options.busPolicies(bus),
  });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 400);
}

function accept(
  { buses, now }: EventsServiceOptions,
  request: AwsRequest,
  entry: Entry,
): { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string } {
  const bus = busArn(entry, request);
  const problem = problemOf(entry) ?? (buses.find(bus) ? undefined : unknownBus(bus));
  if (problem) return { ErrorCode: problem[0], ErrorMessage: problem[1] };
  const event: BusEvent = {
    version: "0",
    id: randomUUID(),
    "detail-type": entry.DetailType ?? "",
    source: entry.Source ?? "",
    account: request.account,
    time: eventTime(entry.Time === undefined ? now() : new Date(entry.Time * 1000)),
    region: request.region,
    resources: entry.Resources ?? [],
    detail: JSON.parse(entry.Detail ?? "{}"),
  };
  buses.put(bus, event);
  return { EventId: event.id };
}

type Problem = readonly [code: string, message: string];

/** Seconds since the epoch, either way: what a date can hold. */
const farthestTime = 8_640_000_000_000;

function problemOf({ Source, DetailType, Detail, Time = 0 }: Entry): Problem | undefined {
  if (!Source) return missing("Source");
  if (Source.startsWith("aws.")) return ["NotAuthorizedForSourceException", "Not authorized for the source."];
  if (!DetailType) return missing("DetailType");
  if (Math.abs(Time) > farthestTime)
    return ["InvalidArgument", "Parameter Time is not valid. Reason: Time is out of range."];
  const detail = parseJson(Detail ?? "");
  return typeof detail === "object" && detail !== null && !Array.isArray(detail)
    ? undefined
    : ["MalformedDetail", "Detail is malformed."];
}

function missing(name: string): Problem {
  return ["InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`];
}

function unknownBus(bus: string): Problem {
  return ["InvalidArgument", `Event bus ${bus} does not exist.`];
}

function busArn({ EventBusName = "default" }: Entry, { account, region }: AwsRequest): string {
  return EventBusName.startsWith("arn:")
    ? EventBusName
    : `arn:aws:events:${region}:${account}:event-bus/${EventBusName}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function jsonAnswer(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}
