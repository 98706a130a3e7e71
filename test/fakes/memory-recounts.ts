import type { RecountQueue } from "@tallyman/domain/listing/ports";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";

/** What was asked to be counted anew, repeats included. */
export function memoryRecounts(): RecountQueue & {
  readonly asked: readonly { readonly repository: RepositoryRef; readonly heardAt: string }[];
} {
  const asked: { readonly repository: RepositoryRef; readonly heardAt: string }[] = [];
  return {
    asked,
    send: async ({ account, region, repository }, heardAt) =>
      void asked.push({ repository: { account, region, repository }, heardAt }),
  };
}
