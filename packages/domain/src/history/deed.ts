import type { Page, PageRequest } from "../inventory/ports.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/**
 * What CloudTrail says somebody did to a repository or to one of its images. A record for people: what is there follows
 * from reading the registry alone.
 */
export type Deed = RepositoryRef & {
  /** The id of the event that told, and the place of this deed among those of the event: the natural key. */
  readonly event: string;
  readonly place: number;
  /** ISO 8601, when it was done by CloudTrail's account. */
  readonly at: string;
  readonly action:
    | "push"
    | "delete"
    | "archive"
    | "restore"
    | "expire"
    | "create-repository"
    | "delete-repository";
  /** The principal's ARN, or the AWS service that did it (`lifecycle policy`). */
  readonly by: string;
  readonly digest?: string;
  readonly tag?: string;
  /** Of a lifecycle policy: which rule, in words. */
  readonly rule?: string;
  /** Why it did not happen, where it did not. */
  readonly failure?: string;
};

export type DeedLog = {
  /** Once for its key (not-exists); kept until `forgetAt` (ISO 8601). */
  append(deed: Deed, forgetAt: string): Promise<void>;
};

/** Eventually consistent pages, oldest first; those of a digest in several repositories one repository after the other. */
export type DeedQueries = {
  listDeeds(
    about: /** `from`: those done then or later (ISO 8601). */
      | { readonly repository: RepositoryRef; readonly from?: string }
      | { readonly digest: string; readonly repository?: RepositoryRef },
    page: PageRequest,
  ): Promise<Page<Deed>>;
};
