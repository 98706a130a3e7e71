import { refusal, type WireAnswer, type WireAnswers, type WireCall } from "./aws-wire.ts";

type Input = WireCall["input"];

export type FakeTask = {
  readonly status: "RUNNING" | "STOPPED" | "STOPPING";
  readonly group?: string;
  readonly definition: string;
  readonly stoppedAt?: number;
  readonly containers: readonly { readonly image?: string; readonly imageDigest?: string }[];
};
export type FakeService = {
  readonly name: string;
  /** `web:7` */
  readonly definition: string;
  readonly deployments?: readonly string[];
  readonly taskSets?: readonly string[];
  readonly resolved?: readonly { readonly image: string; readonly imageDigest: string }[];
};
export type FakeTarget = { readonly Arn: string; readonly Input?: string; readonly EcsParameters?: object };
export type FakeFunction = {
  readonly name: string;
  readonly zip?: true;
  /** By version, `$LATEST` among them. */
  readonly versions: Readonly<
    Record<string, { readonly ImageUri: string; readonly ResolvedImageUri?: string }>
  >;
  readonly aliases?: readonly {
    readonly Name: string;
    readonly FunctionVersion: string;
    readonly RoutingConfig?: object;
  }[];
};

/** What one account holds in one Region, as tests state it. */
export type FakeAccount = {
  readonly clusters?: Readonly<
    Record<string, { readonly tasks?: readonly FakeTask[]; readonly services?: readonly FakeService[] }>
  >;
  /** Images of each revision's containers, `web:7`; those that are listed of a family are all but `inactive`. */
  readonly definitions?: Readonly<Record<string, readonly string[]>>;
  readonly inactive?: readonly string[];
  /** By bus, by rule. */
  readonly rules?: Readonly<Record<string, Readonly<Record<string, readonly FakeTarget[]>>>>;
  /** By `group/name`. */
  readonly schedules?: Readonly<Record<string, FakeTarget>>;
  readonly functions?: readonly FakeFunction[];
  readonly covered?: readonly string[];
};

/** Answers as an account that holds this: in pages as long as is asked for, of which the token is the next one's place. */
export function answersOf(account: FakeAccount): WireAnswers {
  return { ...ecs(account), ...timers(account), ...functions(account), ...inspector(account) };
}

type Place = Pick<WireCall, "account" | "region">;
const HUB: Place = { account: "111122223333", region: "us-east-1" };
const arn = (what: string, { account, region }: Place) => `arn:aws:ecs:${region}:${account}:${what}`;
export const clusterArn = (name: string, at = HUB) => arn(`cluster/${name}`, at);
export const definitionArn = (name: string, at = HUB) => arn(`task-definition/${name}`, at);
const nameIn = (arn: unknown) => String(arn).split("/").at(-1) ?? "";

function page<T>(list: readonly T[], size: unknown, token: unknown) {
  const from = Number(token ?? 0);
  const to = from + Number(size);
  return { list: list.slice(from, to), ...(to < list.length && { token: String(to) }) };
}

function ecs({ clusters = {}, definitions = {}, inactive = [] }: FakeAccount): WireAnswers {
  const inCluster = (
    input: Input,
    answer: (cluster: NonNullable<(typeof clusters)[string]>) => WireAnswer,
  ) => {
    const cluster = clusters[nameIn(input["cluster"])];
    return cluster ? answer(cluster) : refusal("ClusterNotFoundException");
  };
  const paged = (key: string, list: readonly string[], input: Input): WireAnswer => {
    const { list: found, token } = page(list, input["maxResults"], input["nextToken"]);
    return { body: { [key]: found, ...(token && { nextToken: token }) } };
  };
  const wanted = (task: FakeTask) => (task.status === "RUNNING" ? "RUNNING" : "STOPPED");
  return {
    "ecs:ListClusters": (call) => {
      const arns = Object.keys(clusters).map((name) => clusterArn(name, call));
      return paged("clusterArns", arns, call.input);
    },
    "ecs:ListTasks": ({ input }) =>
      inCluster(input, ({ tasks = [] }) => {
        const arns = tasks.flatMap((task, i) =>
          wanted(task) === input["desiredStatus"] ? [`task/${i}`] : [],
        );
        return paged("taskArns", arns, input);
      }),
    "ecs:DescribeTasks": ({ input, ...at }) =>
      inCluster(input, ({ tasks = [] }) => {
        const asked = (input["tasks"] as string[]).map((arn) => tasks[Number(nameIn(arn))]);
        return { body: { tasks: asked.flatMap((task) => (task ? taskOf(task, at) : [])), failures: [] } };
      }),
    "ecs:ListServices": ({ input }) =>
      inCluster(input, ({ services = [] }) =>
        paged(
          "serviceArns",
          services.map(({ name }) => `service/${name}`),
          input,
        ),
      ),
    "ecs:DescribeServices": ({ input, ...at }) =>
      inCluster(input, ({ services = [] }) => {
        const names = (input["services"] as string[]).map(nameIn);
        const found = services.filter((it) => names.includes(it.name)).map((it) => serviceOf(it, at));
        return { body: { services: found, failures: [] } };
      }),
    "ecs:DescribeServiceRevisions": ({ input }) => {
      const names = (input["serviceRevisionArns"] as string[]).map(nameIn);
      const found = Object.values(clusters).flatMap((it) => it.services ?? []);
      const serviceRevisions = found
        .filter(({ name }) => names.includes(name))
        .map(({ name, resolved }) => ({ serviceRevisionArn: `revision/${name}`, containerImages: resolved }));
      return { body: { serviceRevisions, failures: [] } };
    },
    "ecs:ListTaskDefinitions": ({ input, ...at }) => {
      const statusOf = (name: string) => (inactive.includes(name) ? "INACTIVE" : "ACTIVE");
      const of = (name: string) =>
        name.split(":")[0] === input["familyPrefix"] && statusOf(name) === input["status"];
      const found = Object.keys(definitions)
        .filter(of)
        .map((name) => definitionArn(name, at));
      return paged("taskDefinitionArns", input["sort"] === "DESC" ? found.toReversed() : found, input);
    },
    "ecs:DescribeTaskDefinition": ({ input }) => {
      const name = nameIn(input["taskDefinition"]);
      const latest = Object.keys(definitions).findLast((it) => it.split(":")[0] === name);
      const images = definitions[name] ?? definitions[latest ?? ""];
      if (!images) return refusal("ClientException");
      return { body: { taskDefinition: { containerDefinitions: images.map((image) => ({ image })) } } };
    },
  };
}

function taskOf({ status, group, definition, stoppedAt, containers }: FakeTask, at: Place) {
  return {
    lastStatus: status,
    taskDefinitionArn: definitionArn(definition, at),
    containers,
    ...(group !== undefined && { group }),
    ...(stoppedAt !== undefined && { stoppedAt }),
  };
}

function serviceOf(service: FakeService, at: Place) {
  const { name, definition, deployments = [definition], taskSets = [], resolved } = service;
  const withDefinition = (it: string) => ({ taskDefinition: definitionArn(it, at) });
  return {
    serviceName: name,
    ...withDefinition(definition),
    deployments: deployments.map(withDefinition),
    taskSets: taskSets.map(withDefinition),
    ...(resolved && { currentServiceRevisions: [{ arn: `revision/${name}` }] }),
  };
}

function timers({ rules = { default: {} }, schedules = {} }: FakeAccount): WireAnswers {
  const paged = (key: string, list: readonly object[], [size, token]: readonly [unknown, unknown]) => {
    const { list: found, token: next } = page(list, size, token);
    return { body: { [key]: found, ...(next && { NextToken: next }) } };
  };
  const named = (names: readonly string[]) => names.map((Name) => ({ Name }));
  const inputOf = ({ input }: WireCall) => [input["Limit"], input["NextToken"]] as const;
  return {
    "events:ListEventBuses": (call) => paged("EventBuses", named(Object.keys(rules)), inputOf(call)),
    "events:ListRules": (call) =>
      paged("Rules", named(Object.keys(rules[String(call.input["EventBusName"])] ?? {})), inputOf(call)),
    "events:ListTargetsByRule": (call) => {
      const targets = rules[String(call.input["EventBusName"])]?.[String(call.input["Rule"])];
      if (!targets) return refusal("ResourceNotFoundException");
      return paged(
        "Targets",
        targets.map((it, i) => ({ Id: String(i), ...it })),
        inputOf(call),
      );
    },
    "scheduler:ListSchedules": ({ input }) => {
      const all = Object.entries(schedules).map(([key, { Arn }]) => ({ ...placed(key), Target: { Arn } }));
      return paged("Schedules", all, [input["MaxResults"], input["NextToken"]]);
    },
    "scheduler:GetSchedule": ({ input }) => {
      const Target = schedules[`${input["groupName"]}/${input["Name"]}`];
      return Target ? { body: { Target } } : refusal("ResourceNotFoundException", 404);
    },
  };
}

function placed(key: string) {
  const [GroupName, Name] = key.split("/");
  return { GroupName, Name };
}

function functions({ functions = [] }: FakeAccount): WireAnswers {
  const find = (input: Input) => functions.find(({ name }) => name === input["FunctionName"]);
  const gone = refusal("ResourceNotFoundException", 404);
  const paged = (key: string, list: readonly object[], input: Input) => {
    const { list: found, token } = page(list, input["MaxItems"], input["Marker"]);
    return { body: { [key]: found, ...(token && { NextMarker: token }) } };
  };
  return {
    "lambda:ListFunctions": ({ input }) => {
      const versionsOf = (versions: object) =>
        Object.keys(versions).filter((it) => it === "$LATEST" || input["FunctionVersion"] === "ALL");
      const all = functions.flatMap(({ name, zip, versions }) =>
        versionsOf(versions).map((Version) => ({
          FunctionName: name,
          Version,
          PackageType: zip ? "Zip" : "Image",
        })),
      );
      return paged("Functions", all, input);
    },
    "lambda:GetFunction": ({ input }) => {
      const Code = find(input)?.versions[String(input["Qualifier"])];
      return Code ? { body: { Code } } : gone;
    },
    "lambda:ListAliases": ({ input }) => {
      const found = find(input);
      return found ? paged("Aliases", found.aliases ?? [], input) : gone;
    },
  };
}

function inspector({ covered = [] }: FakeAccount): WireAnswers {
  return {
    "inspector2:ListCoverage": ({ input }) => {
      const { list, token } = page(covered, input["maxResults"], input["nextToken"]);
      const coveredResources = list.map((resourceId) => ({
        accountId: "111122223333",
        resourceId,
        resourceType: "AWS_ECR_CONTAINER_IMAGE",
        scanType: "PACKAGE",
      }));
      return { body: { coveredResources, ...(token && { nextToken: token }) } };
    },
  };
}
