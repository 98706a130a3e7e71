import type { EcrRegistry } from "@tallyman/registry/open-registry";
import * as z from "zod";
import { AwsError, type AwsRequest } from "../../http/aws-service.ts";

/** What ECR answered: a failure has its code and message. */
export type EcrAnswer = {
  readonly error: string | undefined;
  readonly message: string;
  readonly body: unknown;
};

const Failure = z.object({ __type: z.string(), message: z.string().default("") });

/** One call of ECR within the cloud, which decides by its own policies as for anybody. */
export async function callEcr(
  callApi: EcrRegistry["callApi"],
  { caller, region }: Pick<AwsRequest, "caller" | "region">,
  { operation, input }: { readonly operation: string; readonly input: object },
): Promise<EcrAnswer> {
  const body = Buffer.from(JSON.stringify(input));
  const answer = await callApi({ operation, body, caller, region });
  const parsed: unknown = JSON.parse(answer.body);
  if (answer.status === 200) return { error: undefined, message: "", body: parsed };
  const { __type: error, message } = Failure.parse(parsed);
  if (answer.status >= 500) throw new AwsError("ServiceException", message, 500);
  return { error, message, body: parsed };
}

/** What was done in the caller's own name: the caller hears why it was refused. */
export function ofCaller(answer: EcrAnswer): EcrAnswer {
  if (answer.error === "AccessDeniedException")
    throw new AwsError("AccessDeniedException", answer.message, 403);
  return answer;
}
