import { channelOf } from "@tallyman/domain/notice/build-notice";
import type { PolicySource } from "@tallyman/domain/policy/ports";
import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import { registryName } from "@tallyman/domain/registry/registry";
import {
  type CheckDeps,
  type CheckedReplica,
  checkReplica,
} from "@tallyman/domain/replication/check-replica";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { ReplicaCheckMessage } from "./schema.ts";

export type ReplicaCheckDeps = CheckDeps & {
  readonly telemetry: Telemetry;
  readonly policy: PolicySource;
  readonly declared: RegistriesSource;
  readonly now: () => Date;
};

/** Looks for one expected copy, and has it looked for again later if it is not there yet. */
export function createHandler(deps: ReplicaCheckDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: ReplicaCheckMessage,
    ordering: "none",
    async onMessage(check) {
      const [policy, declared] = await Promise.all([
        deps.policy.currentPolicy(),
        deps.declared.declaredRegistries(),
      ]);
      const channel = channelOf(policy);
      const checked = await checkReplica(deps, { check, declared, channel, now: deps.now() });
      if (checked) report(deps.telemetry, checked);
      else deps.telemetry.log.debug("replica check superseded", check);
    },
  });
}

function report({ log, measure }: Telemetry, { replica, reason, changed, told }: CheckedReplica): void {
  const { repository, digest, tag, state } = replica;
  const about = { registry: registryName(replica.destination), repository, digest, tag, reason };
  if (told) log.debug("notice queued", { ...about, kind: `replica-${state}` });
  if (!changed) log.debug("replica looked for", { ...about, state });
  if (!changed) return;
  log.info(MESSAGES[state], about);
  if (state === "overdue" || state === "failed") measure("ReplicaOverdue", 1);
}

const MESSAGES = {
  pending: "replica expected",
  arrived: "replica arrived",
  overdue: "replica found overdue",
  failed: "replica failed",
} as const;
