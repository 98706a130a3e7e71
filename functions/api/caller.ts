import { includesRight, type Right } from "@tallyman/domain/access/right";
import { type RightDecision, rightOf } from "@tallyman/domain/access/right-of";
import type { MiddlewareHandler } from "hono";
import type { LambdaContext, LambdaEvent } from "hono/aws-lambda";
import type { ApiDeps } from "./deps.ts";
import { ProblemError } from "./problem.ts";

/** What `hono/aws-lambda` hands over beside the request. */
export type ApiEnv = {
  Bindings: { readonly event: LambdaEvent; readonly lambdaContext: LambdaContext };
  Variables: { caller: Caller };
};

export type Caller = {
  /** The ARN that IAM authenticated. */
  readonly arn: string;
  /** By the policy's access section; throws ProblemError when it cannot be read. */
  decide(): Promise<RightDecision>;
  /** As if the policy had no access section. */
  decideWithoutPolicy(): RightDecision;
};

/**
 * Who asks, by the API's IAM authorizer: nothing that a client can write into a request. A request that reached us
 * without an identity means a route without an authorizer, and is refused.
 */
export function identifyCaller(deps: Pick<ApiDeps, "readAccess">): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const arn = principalArn(c.env.event);
    if (arn === undefined)
      throw new ProblemError(
        "unauthenticated",
        "Sign the request with AWS Signature Version 4 (execute-api).",
      );
    const hubAccount = c.env.lambdaContext.invokedFunctionArn.split(":")[4] ?? "";
    c.set("caller", {
      arn,
      decide: async () => rightOf({ arn, hubAccount }, await readAccess(deps)),
      decideWithoutPolicy: () => rightOf({ arn, hubAccount }, undefined),
    });
    await next();
  };
}

/**
 * The right that a route needs: enforced before its parameters are looked at, and named in its OpenAPI description. With
 * an unreadable policy nobody's right is known, and only a route `evenWithoutPolicy` answers: that is health.
 */
export function needs(right: Right, options: { readonly evenWithoutPolicy?: boolean } = {}) {
  const guard: MiddlewareHandler<ApiEnv> = async (c, next) => {
    const { arn, decide, decideWithoutPolicy } = c.get("caller");
    const held = await decide().catch((error: unknown) => {
      if (options.evenWithoutPolicy !== true) throw error;
      return decideWithoutPolicy();
    });
    if (held.right === undefined || !includesRight(held.right, right))
      throw new ProblemError("forbidden", `${arn} needs the right "${right}" here: ${held.reason}.`);
    await next();
  };
  return { middleware: guard, "x-tallyman-right": right };
}

async function readAccess(deps: Pick<ApiDeps, "readAccess">) {
  try {
    return await deps.readAccess();
  } catch (cause) {
    throw new ProblemError(
      "unavailable",
      "The policy cannot be read, so nobody's rights are known. Check that the deployment uploaded policy/current.json; GET /api/v1/health tells more.",
      { cause },
    );
  }
}

function principalArn(event: LambdaEvent): string | undefined {
  const context = event.requestContext;
  if (context === undefined || !("authorizer" in context)) return undefined;
  const { authorizer } = context;
  return "iam" in authorizer ? authorizer.iam?.userArn : undefined;
}
