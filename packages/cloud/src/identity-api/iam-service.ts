import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import type { Identity } from "../identity/identity.ts";
import type { RoleDefinition } from "../identity/roles.ts";
import type { IamCall, IamOperation } from "./iam-call.ts";
import { renderIamError, renderIamResult } from "./iam-xml.ts";
import { instanceProfileOperations } from "./instance-profile-operations.ts";
import { createInstanceProfiles, instanceProfileArn } from "./instance-profiles.ts";
import { keepIdentities } from "./kept-identities.ts";
import { policyOperations } from "./policy-operations.ts";
import { policyVersionOperations } from "./policy-version-operations.ts";
import { readQueryForm } from "./query-form.ts";
import { roleOperations } from "./role-operations.ts";
import { rolePolicyOperations } from "./role-policy-operations.ts";

export type IamOptions = {
  readonly identity: Identity;
  readonly authorize: Authorize;
  readonly faults: Pick<Faults, "failure">;
  /** The roles of the stacks. */
  readonly declared: readonly RoleDefinition[];
  /** Where what calls have made is kept (one JSON file); undefined: in memory. */
  readonly file?: string | undefined;
};

export type Iam = {
  readonly service: AwsService;
  /** ARN of an instance profile that holds the role; where there is none one is made, called as the role. */
  profileOf(roleArn: string): Promise<string>;
  /** Forgets the roles, policies and instance profiles that no stack declares. */
  clear(): Promise<void>;
};

const operations: Readonly<Record<string, IamOperation>> = {
  ...roleOperations,
  ...rolePolicyOperations,
  ...policyOperations,
  ...policyVersionOperations,
  ...instanceProfileOperations,
};
const version = "2010-05-08";

/** AWS IAM: roles, their policies, managed policies and instance profiles, in the Query protocol. Errors are answers. */
export async function createIam(options: IamOptions): Promise<Iam> {
  const { identity } = options;
  const profiles = createInstanceProfiles();
  const kept = await keepIdentities({ ...options, profiles, file: options.file });
  const started = identity.now();

  async function answer(request: AwsRequest): Promise<AwsResponse> {
    const { method, query, body, caller, account } = request;
    const form = method === "GET" ? query : new URLSearchParams(Buffer.from(body).toString());
    const action = form.get("Action");
    const operation = operationOf(action, form);
    const fault = options.faults.failure(`iam:${action}`);
    if (fault) throw new AwsError(fault.code, "A fault is switched on for this operation.", fault.status);
    const name = action ?? "";
    const { authorize } = options;
    const call: IamCall = {
      ...{ operation: name, identity, profiles, authorize, caller, account },
      ...{ now: identity.now(), started },
    };
    const result = operation.perform(readQueryForm(form), call);
    if (!/^(Get|List)/.test(name)) await kept.save();
    return renderIamResult(name, result);
  }

  return {
    clear: () => kept.clear(),
    async profileOf(roleArn) {
      const [, , , , account = ""] = roleArn.split(":");
      const role = roleArn.slice(roleArn.lastIndexOf("/") + 1);
      const holding = profiles.all().find((it) => it.account === account && it.role === role);
      if (holding) return instanceProfileArn(holding);
      const made = {
        account,
        name: role,
        path: "/",
        role,
        tags: {},
        createdAt: identity.now().toISOString(),
      };
      profiles.put(made);
      await kept.save();
      return instanceProfileArn(made);
    },
    service: {
      signingName: "iam",
      async handle(request) {
        try {
          return await answer(request);
        } catch (error) {
          if (error instanceof AwsError) return renderIamError(error);
          throw error;
        }
      },
    },
  };
}

function operationOf(action: string | null, form: URLSearchParams): IamOperation {
  if (action === null) throw new AwsError("MissingAction", "The request must contain the parameter Action.");
  const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
  if (operation) return operation;
  const message = `Could not find operation ${action} for version ${form.get("Version") ?? version}`;
  throw new AwsError("InvalidAction", message);
}
