import { createHash } from "node:crypto";
import type { Cluster, Task } from "./model.ts";

/** Which tasks a request with a `clientToken` started: the same request again starts no more. */
export type ClientTokens = {
  find(
    cluster: Cluster,
    request: Tokened,
  ): { readonly same: boolean; readonly arns: readonly string[] } | undefined;
  remember(cluster: Cluster, request: Tokened, tasks: readonly Task[]): void;
  clear(): void;
};

type Tokened = { readonly clientToken?: string | undefined };

/** ECS keeps a token for 24 hours. */
const LIFE = 24 * 60 * 60 * 1000;
const MOST = 10_000;

export function createClientTokens(elapsed: () => number): ClientTokens {
  const known = new Map<
    string,
    { readonly hash: string; readonly arns: readonly string[]; readonly until: number }
  >();
  const keyOf = ({ clusterArn }: Cluster, { clientToken }: Tokened) => `${clusterArn} ${clientToken}`;
  return {
    find(cluster, request) {
      const found = known.get(keyOf(cluster, request));
      if (!found || found.until <= elapsed()) return undefined;
      return { same: found.hash === hashOf(request), arns: found.arns };
    },
    remember(cluster, request, tasks) {
      if (known.size >= MOST) known.delete(known.keys().next().value ?? "");
      const arns = tasks.map(({ taskArn }) => taskArn);
      known.set(keyOf(cluster, request), { hash: hashOf(request), arns, until: elapsed() + LIFE });
    },
    clear: () => known.clear(),
  };
}

function hashOf(request: object): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("hex");
}
