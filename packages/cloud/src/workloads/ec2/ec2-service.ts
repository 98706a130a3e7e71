import { randomUUID } from "node:crypto";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { Faults } from "../../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../../http/aws-service.ts";

export type Ec2Options = {
  /** The instances that are registered with ECS, by the role with which their agents pull. */
  readonly instances: (at: Registry) => readonly { readonly instanceId: string; readonly roleArn: string }[];
  /** ARN of an instance profile that holds the role. */
  readonly profileOf: (roleArn: string) => Promise<string>;
  readonly authorize: Authorize;
  readonly faults: Pick<Faults, "failure">;
};

const OPERATION = "DescribeIamInstanceProfileAssociations";

/** Amazon EC2 in the Query protocol, as far as it says which role an instance has. */
export function ec2Service(options: Ec2Options): AwsService {
  return {
    signingName: "ec2",
    async handle(request) {
      try {
        return answer(200, await describe(options, request));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const said = `<Code>${error.code}</Code><Message>${escaped(error.message)}</Message>`;
        return answer(error.status, `<Response><Errors><Error>${said}</Error></Errors></Response>`);
      }
    },
  };
}

async function describe(options: Ec2Options, { body, caller, account, region }: AwsRequest): Promise<string> {
  const form = new URLSearchParams(Buffer.from(body).toString());
  const operation = form.get("Action") ?? "";
  const fault = options.faults.failure(`ec2:${operation}`);
  if (fault) throw new AwsError(fault.code, "A fault is switched on for this operation.", fault.status);
  if (operation !== OPERATION)
    throw new AwsError("InvalidAction", `The action ${operation} is not offered by this cloud's EC2.`);
  const action = `ec2:${OPERATION}`;
  const decision = options.authorize({ caller, action, resource: "*", resourceAccount: account });
  if (!decision.allowed) throw new AwsError("UnauthorizedOperation", decision.message, 403);
  const wanted = filtersOf(form);
  const shown = options
    .instances({ account, region })
    .filter(({ instanceId }) => (wanted.get("instance-id") ?? [instanceId]).includes(instanceId))
    .filter(() => (wanted.get("state") ?? ["associated"]).includes("associated"));
  const items = await Promise.all(
    shown.map(async ({ instanceId, roleArn }) => item(instanceId, await options.profileOf(roleArn))),
  );
  const set = `<iamInstanceProfileAssociationSet>${items.join("")}</iamInstanceProfileAssociationSet>`;
  const root = `${OPERATION}Response`;
  return `<${root} xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>${randomUUID()}</requestId>${set}</${root}>`;
}

/** `Filter.1.Name=instance-id&Filter.1.Value.1=i-1` by name. */
function filtersOf(form: URLSearchParams): ReadonlyMap<string, readonly string[]> {
  const names = [...form].filter(([key]) => /^Filter\.\d+\.Name$/.test(key));
  return new Map(
    names.map(([key, name]) => {
      const values = [...form].filter(([other]) => other.startsWith(key.replace(/Name$/, "Value.")));
      return [name, values.map(([, value]) => value)];
    }),
  );
}

function item(instanceId: string, profileArn: string): string {
  const association = `<associationId>iip-assoc-${escaped(instanceId)}</associationId>`;
  const profile = `<iamInstanceProfile><arn>${escaped(profileArn)}</arn></iamInstanceProfile>`;
  return `<item>${association}<instanceId>${escaped(instanceId)}</instanceId>${profile}<state>associated</state></item>`;
}

function answer(status: number, xml: string): AwsResponse {
  return { status, headers: { "content-type": "text/xml" }, body: xml };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
