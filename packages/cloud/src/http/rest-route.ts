import type { AwsRequest } from "./aws-service.ts";

/** One operation of a service that is addressed by method and path. */
export type RestRoute<Handle> = {
  readonly method: string;
  /** `/functions/{FunctionName}/aliases/{Name}`: a part in braces is one segment. */
  readonly path: string;
  readonly operation: string;
  readonly handle: Handle;
};

export type RestMatch<Handle> = {
  readonly operation: string;
  readonly handle: Handle;
  /** By the names in braces. */
  readonly parts: Readonly<Record<string, string>>;
};

/** Finds the operation of a request; a slash at the end of its path says nothing. */
export function createRestRouter<Handle>(
  routes: readonly RestRoute<Handle>[],
): (request: Pick<AwsRequest, "method" | "path">) => RestMatch<Handle> | undefined {
  const compiled = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  return ({ method, path }) => {
    for (const { route, pattern } of compiled) {
      const found = route.method === method ? pattern.exec(path) : null;
      if (found) return { operation: route.operation, handle: route.handle, parts: { ...found.groups } };
    }
    return undefined;
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}/?$`);
}
