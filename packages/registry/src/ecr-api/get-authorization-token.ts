import * as z from "zod";
import { issueToken } from "../auth/authorization-token.ts";
import { accountId } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toTimestamp } from "./outputs.ts";

/** `registryIds` is accepted and, as on AWS, only picks the endpoints named: the token is the same. */
const Input = z.object({ registryIds: z.array(accountId).min(1).max(10).optional() });

export const getAuthorizationTokenOperation = operation("GetAuthorizationToken", Input, (call) => {
  const { caller, registry, permits, core, secret, input } = call;
  permits.onIdentity({ caller, action: "ecr:GetAuthorizationToken" });
  const { password, expiresAt } = issueToken(secret, { caller, region: registry.region }, core.now());
  const accounts = input.registryIds ?? [caller.account];
  return {
    authorizationData: accounts.map((account) => ({
      authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
      expiresAt: toTimestamp(expiresAt.getTime()),
      proxyEndpoint: call.endpoint({ account, region: registry.region }),
    })),
  };
});
