import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { Digest } from "@tallyman/domain/image/digest";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askIfThere } from "../usage/ask-usage.ts";

const text = z.string();

const FOUND = {
  action: "lambda:GetFunction",
  schema: z.object({
    Code: z.object({ ImageUri: text, ResolvedImageUri: z.optional(text) }),
  }),
  gone: "ResourceNotFoundException",
} as const;

/**
 * What a version of a function is made from: as it was named, and the digest that Lambda resolved it to then, which it keeps
 * when the tag moves. Undefined: the version is gone.
 */
export async function findImage(
  clients: ClientsAt<LambdaClient>,
  at: Registry,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<{ readonly image: string; readonly digest?: string } | undefined> {
  const command = new GetFunctionCommand({ FunctionName: name, Qualifier: version });
  const found = await askIfThere(at, FOUND, () => clients(at).send(command));
  if (!found) return undefined;
  const { ImageUri: image, ResolvedImageUri = "" } = found.Code;
  const digest = Digest.safeParse(ResolvedImageUri.slice(ResolvedImageUri.indexOf("@") + 1));
  return { image, ...(digest.success && { digest: digest.data }) };
}
