import type { ImageUri } from "@tallyman/domain/registry/image-uri";
import type { EcrRegistry } from "@tallyman/registry/open-registry";
import * as z from "zod";
import type { FunctionPlace } from "./image-source.ts";
import { callEcr } from "./registry-calls.ts";

const Policy = z.looseObject({ Version: z.string().optional(), Statement: z.array(z.json()) });
const PolicyText = z.object({ policyText: z.string() });

/**
 * Adds to a repository's policy that Lambda may read images, in the caller's name (Developer Guide, "Create a function using
 * a container image": ecr:GetRepositoryPolicy and ecr:SetRepositoryPolicy). Where the caller may not, nothing happens: the
 * pull says what is missing.
 */
export async function letLambdaPull(deps: {
  readonly callApi: EcrRegistry["callApi"];
  readonly place: FunctionPlace;
  readonly image: ImageUri;
  readonly service: string;
}): Promise<"done" | "no repository"> {
  const { callApi, place, image, service } = deps;
  const of = { registryId: image.registry.account, repositoryName: image.repository };
  const current = await callEcr(callApi, place, { operation: "GetRepositoryPolicy", input: of });
  if (current.error === "RepositoryNotFoundException") return "no repository";
  const none = current.error === "RepositoryPolicyNotFoundException";
  if (current.error !== undefined && !none) return "done";
  const policy = none
    ? { Version: "2008-10-17", Statement: [] }
    : Policy.parse(JSON.parse(PolicyText.parse(current.body).policyText));
  const added = {
    Sid: "LambdaECRImageRetrievalPolicy",
    Effect: "Allow",
    Principal: { Service: service },
    Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    Condition: {
      StringLike: { "aws:sourceArn": `arn:aws:lambda:${place.region}:${place.account}:function:*` },
    },
  };
  const policyText = JSON.stringify({ ...policy, Statement: [...policy.Statement, added] });
  await callEcr(callApi, place, { operation: "SetRepositoryPolicy", input: { ...of, policyText } });
  return "done";
}
