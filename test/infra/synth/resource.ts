/** One resource as the program registered it, before anything is normalised. */
export type Registered = {
  readonly type: string;
  /** As the stacks call it: SST's `ImageActionQueueQueue` is `ImageActionQueue`. */
  readonly name: string;
  /** As the snapshot calls it: `name`, unless a variant is synthesized. */
  readonly logicalName: string;
  readonly parentType: string | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: ResourceOptions;
};

export type ResourceOptions = {
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
};

/** What SST appends to a component's name for its main resource, which the snapshot calls like the component. */
const MAIN_RESOURCE: Readonly<Record<string, RegExp>> = {
  "sst:aws:ApiGatewayV2": /Api$/,
  "sst:aws:Bucket": /Bucket$/,
  "sst:aws:Bus": /Bus$/,
  // Our schedules are components called `<Name>Schedule`, so that their roles are not called like a function's.
  "sst:aws:CronV2": /ScheduleSchedule$/,
  "sst:aws:Dynamo": /Table$/,
  "sst:aws:Function": /Function$/,
  "sst:aws:Queue": /Queue$/,
  // SST hashes the queue's ARN into the name of its mapping.
  "sst:aws:QueueLambdaSubscriber": /.{6}EventSourceMapping$/,
};

export function logicalNameOf(name: string, parentType: string | undefined): string {
  const suffix = parentType === undefined ? undefined : MAIN_RESOURCE[parentType];
  return suffix === undefined ? name : name.replace(suffix, "");
}
