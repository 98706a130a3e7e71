import { registryName } from "@tallyman/domain/registry/registry";
import { AuditEntry, Replica, Repository, Violation } from "../api/answers.ts";
import type { Query } from "../api/client.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { formatBytes, formatCost, formatDigest, formatTime } from "../output/format.ts";
import { parseRegistry } from "../registries.ts";

/** `tallyman repositories` */
export async function listRepositories(
  context: Context,
  options: { readonly registry?: string; readonly stale?: boolean },
): Promise<void> {
  const query = { ...registryQuery(options.registry), stale: options.stale === true ? "true" : undefined };
  const what = options.stale === true ? "stale repositories" : "repositories";
  const found = context.api.list(Repository, "/api/v1/repositories", query);
  const listed = await collect(context, what, found);
  show(context, what, listed, (rows) =>
    context.terminal.table<Repository>(
      [
        { title: "REGISTRY", value: registryName },
        { title: "REPOSITORY", value: (it) => it.repository },
        { title: "IMAGES", value: (it) => counted(it, it.images), align: "right" },
        { title: "TAGS", value: (it) => counted(it, it.tags), align: "right" },
        {
          title: "VIOLATIONS",
          value: (it) => counted(it, it.openViolations),
          align: "right",
          style: (it) => (it.openViolations > 0 ? context.terminal.bad : undefined),
        },
        {
          title: "BILLED",
          value: (it) => formatBytes(it.billedBytes),
          align: "right",
        },
        { title: "A MONTH", value: (it) => formatCost(it.monthlyCost), align: "right" },
        {
          title: "AS OF",
          value: (it) => (it.billedBytes === undefined ? "not counted yet" : formatTime(it.asOf)),
        },
        ...(options.stale === true
          ? [{ title: "WHY STALE", value: (it: Repository) => it.staleReason ?? "-" }]
          : []),
      ],
      rows,
    ),
  );
}

/** A total of a repository that nobody has counted yet says nothing. */
function counted(repository: Repository, total: number): string {
  return repository.billedBytes === undefined ? "-" : `${total}`;
}

/** `tallyman violations` */
export async function listViolations(
  context: Context,
  options: { readonly registry?: string; readonly repository?: string },
): Promise<void> {
  const query = { ...registryQuery(options.registry), repository: options.repository };
  const listed = await collect(
    context,
    "violations",
    context.api.list(Violation, "/api/v1/violations", query),
  );
  show(context, "violations", listed, (rows) =>
    context.terminal.table(
      [
        { title: "REGISTRY", value: registryName },
        { title: "REPOSITORY", value: (it) => it.repository },
        { title: "TAG", value: (it) => it.tag, style: () => context.terminal.bad },
        { title: "DIGEST", value: (it) => formatDigest(it.digest, context.wide) },
        { title: "RULE", value: (it) => it.rule },
        { title: "SINCE", value: (it) => formatTime(it.openedAt) },
        { title: "REASON", value: (it) => it.reason },
      ],
      rows,
    ),
  );
}

export type ReplicasOptions = {
  readonly digest?: string;
  readonly registry?: string;
  readonly overdue?: boolean;
};

/** `tallyman replicas [repository]`: by digest, by destination, or those that are overdue. */
export async function listReplicas(
  context: Context,
  repository: string | undefined,
  options: ReplicasOptions,
): Promise<void> {
  if ((repository === undefined) !== (options.registry === undefined))
    throw new UsageError("A destination is a repository together with --registry <account>/<region>.");
  const query = {
    ...registryQuery(options.registry),
    repository,
    digest: options.digest,
    overdue: options.overdue === true ? "true" : undefined,
  };
  const what =
    repository === undefined && options.digest === undefined ? "late or failed replicas" : "replicas";
  const listed = await collect(context, what, context.api.list(Replica, "/api/v1/replicas", query));
  show(context, what, listed, (rows) =>
    context.terminal.table(
      [
        { title: "FROM", value: (it) => registryName(it.source) },
        { title: "TO", value: (it) => registryName(it.destination) },
        { title: "REPOSITORY", value: (it) => it.repository },
        { title: "TAG", value: (it) => it.tag || "-" },
        { title: "DIGEST", value: (it) => formatDigest(it.digest, context.wide) },
        {
          title: "STATE",
          value: (it) => (it.failureCode === undefined ? it.state : `${it.state} (${it.failureCode})`),
          style: (it) => (it.state === "arrived" ? context.terminal.good : undefined),
        },
        { title: "EXPECTED", value: (it) => formatTime(it.expectedAt) },
      ],
      rows,
    ),
  );
}

/** `tallyman audit` */
export async function listAudit(context: Context, options: { readonly day?: string }): Promise<void> {
  const listed = await collect(
    context,
    "entries",
    context.api.list(AuditEntry, "/api/v1/audit", { day: options.day }),
  );
  show(context, "entries", listed, (rows) =>
    context.terminal.table(
      [
        { title: "AT", value: (it) => formatTime(it.at) },
        { title: "ACTION", value: (it) => it.action },
        { title: "SUBJECT", value: (it) => it.subject },
        { title: "BY", value: (it) => it.actor },
        { title: "REASON", value: (it) => it.reason },
      ],
      rows,
    ),
  );
}

function registryQuery(registry: string | undefined): Query {
  return registry === undefined ? {} : parseRegistry(registry);
}
