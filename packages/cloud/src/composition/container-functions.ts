import { join } from "node:path";
import type { EcrRegistry } from "@tallyman/registry/open-registry";
import { createImageSource } from "../workloads/lambda/image-source.ts";
import { createLambdaApi, type LambdaApi } from "../workloads/lambda/lambda-service.ts";
import type { Core } from "./core.ts";
import type { Functions } from "./functions.ts";

/** Lambda's API: functions made from images of the registry, beside those that the stacks declare. */
export function startContainerFunctions(
  { identity, authorizer, faults, serviceCallers }: Core,
  parts: { readonly registry: EcrRegistry; readonly functions: Functions },
  dataDirectory: string,
): Promise<LambdaApi> {
  const { callApi } = parts.registry;
  return createLambdaApi({
    ...authorizer,
    identity,
    faults,
    images: createImageSource({ callApi, serviceCallers }),
    declared: () => parts.functions.definitions,
    file: join(dataDirectory, "functions.json"),
  });
}
