import type { Caller } from "@tallyman/domain/iam-policy/authorize";

/** How often each AWS operation was called since the start: `{"ecr:PutImage": {"<role>": 2}}`. */
export type WireCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Counts calls as they come over the wire, whatever becomes of them. */
export type Wire = {
  count(operation: string, caller: Caller): void;
  counts(): WireCounts;
  clear(): void;
};

export function createWire(): Wire {
  const calls = new Map<string, Map<string, number>>();
  return {
    count(operation, caller) {
      const byCaller = calls.get(operation) ?? new Map<string, number>();
      calls.set(operation, byCaller);
      const name = principalName(caller);
      byCaller.set(name, (byCaller.get(name) ?? 0) + 1);
    },
    counts: () =>
      Object.fromEntries([...calls].toSorted().map(([operation, by]) => [operation, Object.fromEntries(by)])),
    clear: () => calls.clear(),
  };
}

/** A session counts for its role, whatever the session is called. */
export function principalName({ arn, service }: Caller): string {
  const [, role] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return service ?? role ?? arn.slice(arn.lastIndexOf("/") + 1);
}
