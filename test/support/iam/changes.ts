import type { Part } from "./shows.ts";
import { type Change, list, type Placed, type Statement } from "./statements.ts";

/** One thing in a statement made another, and what would then be refused. */
export type Trial = {
  readonly what: string;
  /** What it is about: actions, resources, principals. */
  readonly parts: readonly string[];
  readonly shows: Part;
  readonly change: Change;
};

/**
 * Each action, resource, condition and principal of a statement, changed alone. Left out is what AWS itself does not ask
 * for: within one account a role's trust in a named role, and a role's own permission to use a bus, suffice without the
 * other side, so nothing can be refused for want of it.
 */
export function changesOf(placed: Placed, account: string): readonly Trial[] {
  const { statement } = placed;
  return [
    ...actionChanges(statement),
    ...resourceChanges(statement).filter(({ shows }) => !isRoleOf(shows.resource ?? "", account)),
    ...conditionChanges(statement),
    ...principalChanges(statement).filter(({ parts }) => !parts.includes(`arn:aws:iam::${account}:root`)),
  ];
}

function isRoleOf(arn: string, account: string): boolean {
  return arn.startsWith(`arn:aws:iam::${account}:role/`);
}

function actionChanges({ Action, Resource }: Statement): readonly Trial[] {
  return list(Action).map((action) => ({
    what: `another action than ${action}`,
    parts: [action, ...list(Resource)],
    shows: { action },
    change: (statement) => ({
      ...statement,
      Action: replaced(statement.Action, action, `${action}OfNothing`),
    }),
  }));
}

function resourceChanges({ Action, Resource }: Statement): readonly Trial[] {
  return list(Resource).map((resource, index) => ({
    what: `another resource than ${resource}`,
    parts: [resource, ...list(Action)],
    shows: { resource },
    // By its place: in another account the same statement names another resource.
    change: (statement) => ({
      ...statement,
      Resource: list(statement.Resource).map((it, at) => (at === index ? elsewhere(it) : it)),
    }),
  }));
}

function elsewhere(resource: string): string {
  return resource === "*" ? "arn:aws:ecr:*:*:repository/of-nobody" : `${resource}-of-nobody`;
}

function conditionChanges({ Condition = {}, Action }: Statement): readonly Trial[] {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.keys(keys).map((key) => ({
      what: `another value of ${key}`,
      parts: list(Action),
      shows: {},
      change: (statement: Statement) => {
        const condition = statement.Condition?.[operator] ?? {};
        const changed = { ...condition, [key]: `${condition[key]}-of-nobody` };
        return { ...statement, Condition: { ...statement.Condition, [operator]: changed } };
      },
    })),
  );
}

function principalChanges({ Principal = {} }: Statement): readonly Trial[] {
  return Object.entries(Principal).flatMap(([kind, value]) =>
    list(value).map((principal) => ({
      what: `another principal than ${principal}`,
      parts: [principal],
      shows: principal.includes(":role/") ? { principal } : {},
      change: (statement: Statement) => ({
        ...statement,
        Principal: {
          ...statement.Principal,
          [kind]: list(statement.Principal?.[kind]).map((it) => (it === principal ? nobody(kind) : it)),
        },
      }),
    })),
  );
}

function nobody(kind: string): string {
  return kind === "Service" ? "nobody.amazonaws.com" : "arn:aws:iam::000000000000:root";
}

function replaced(values: string | readonly string[], value: string, by: string): readonly string[] {
  return list(values).map((it) => (it === value ? by : it));
}
