type Statement = {
  sid?: string;
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

/** Renders the provider's `iam.getPolicyDocument` call as AWS's JSON. */
export function renderPolicyDocument({ statements = [] }: { statements?: Statement[] }): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements.map(renderStatement) });
}

function renderStatement(statement: Statement): object {
  const { sid, effect, actions, resources, principals, conditions } = statement;
  return {
    ...(sid && { Sid: sid }),
    Effect: effect ?? "Allow",
    ...(principals && { Principal: renderPrincipals(principals) }),
    ...(actions && { Action: one(actions) }),
    ...(resources && { Resource: one(resources) }),
    ...(conditions?.length && { Condition: renderConditions(conditions) }),
  };
}

function renderPrincipals(principals: NonNullable<Statement["principals"]>): object | string {
  if (principals.some(({ type }) => type === "*")) return "*";
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, one(identifiers)]));
}

function renderConditions(conditions: NonNullable<Statement["conditions"]>): object {
  const rendered: Record<string, Record<string, string | string[]>> = {};
  for (const { test, variable, values } of conditions) {
    rendered[test] = { ...rendered[test], [variable]: one(values) };
  }
  return rendered;
}

function one(values: string[]): string | string[] {
  const [first, ...others] = values;
  return first !== undefined && others.length === 0 ? first : values;
}
