import { type Registry, registryName } from "@tallyman/domain/registry/registry";

/** More than one report can hold. Nothing of it is applied: part of a fleet says nothing of the rest. */
export class TooMuchToCollectError extends Error {
  readonly code = "TOO_MUCH_TO_COLLECT";

  constructor(at: Registry, limit: string) {
    super(
      `${registryName(at)} is larger than ${limit}; report it by PUT /api/v1/usage/{source}, a scope for each cluster, and switch this collector off (usage.collect).`,
    );
    this.name = "TooMuchToCollectError";
  }
}

/** A message names a source that nothing here collects. */
export class UnknownSourceError extends Error {
  readonly code = "UNKNOWN_SOURCE";

  constructor(source: string) {
    super(`no collector is called "${source}"; the message goes to the dead-letter queue`);
    this.name = "UnknownSourceError";
  }
}

/** A message names a report that the bucket does not have. */
export class ReportNotFoundError extends Error {
  readonly code = "REPORT_NOT_FOUND";

  constructor({ source, scope, sequence }: { source: string; scope: string; sequence: number }) {
    super(`report ${sequence} of ${source} for ${scope} is not kept; it has to be sent again`);
    this.name = "ReportNotFoundError";
  }
}
