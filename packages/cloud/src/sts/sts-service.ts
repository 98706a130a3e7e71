import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import { userId } from "../identity/request-context.ts";
import type { SigningClock } from "../identity/sessions.ts";
import { type AssumeRoleDeps, assumeRole } from "./assume-role.ts";
import { readAssumeRoleInput } from "./assume-role-input.ts";
import { renderResult, renderStsError, type XmlValue } from "./sts-xml.ts";

export type StsDeps = AssumeRoleDeps & { readonly faults?: Pick<Faults, "failure"> };

const version = "2011-06-15";

/** AWS STS: AssumeRole and GetCallerIdentity, in the Query protocol (form or query in, XML out). Errors are answers. */
export function createSts(deps: StsDeps): AwsService {
  return {
    signingName: "sts",
    async handle(request) {
      try {
        return answer(deps, request);
      } catch (error) {
        if (error instanceof AwsError) return renderStsError(error);
        throw error;
      }
    },
  };
}

function answer(deps: StsDeps, request: AwsRequest): AwsResponse {
  const form =
    request.method === "GET" ? request.query : new URLSearchParams(Buffer.from(request.body).toString());
  const action = form.get("Action");
  const fault = deps.faults?.failure(`sts:${action}`);
  if (fault) throw new AwsError(fault.code, "A fault is switched on for this operation.", fault.status);
  return renderResult(action ?? "", perform(deps, request, form));
}

function perform(deps: StsDeps, request: AwsRequest, form: URLSearchParams): XmlValue {
  const action = form.get("Action");
  if (action === null) throw new AwsError("MissingAction", "The request must contain the parameter Action.");
  if (action === "GetCallerIdentity") return callerIdentity(deps, request);
  if (action === "AssumeRole") {
    const caller = { caller: request.caller, clock: signingClock(deps, request) };
    return assumeRole(deps, caller, readAssumeRoleInput(form));
  }
  const message = `Could not find operation ${action} for version ${form.get("Version") ?? version}`;
  throw new AwsError("InvalidAction", message);
}

/** Everybody may ask who they are; no policy can take that away. */
function callerIdentity({ identity }: StsDeps, { caller }: AwsRequest): XmlValue {
  return { Arn: caller.arn, UserId: userId(identity, caller), Account: caller.account };
}

/** Keys of users are held outside; a session tells where its first credentials came from. */
function signingClock({ identity }: StsDeps, { headers, query }: AwsRequest): SigningClock {
  const token = headers["x-amz-security-token"] ?? query.get("X-Amz-Security-Token");
  return (token && identity.sessions.clockOf(token)) || "wall";
}
