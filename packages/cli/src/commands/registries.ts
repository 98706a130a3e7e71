import { registryName } from "@tallyman/domain/registry/registry";
import { RegistryState } from "../api/answers.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { formatTime } from "../output/format.ts";

/** `tallyman registries` */
export async function listRegistries(context: Context): Promise<void> {
  const listed = await collect(context, "registries", context.api.list(RegistryState, "/api/v1/registries"));
  show(context, "registries", listed, (rows) =>
    context.terminal.table<RegistryState>(
      [
        { title: "REGISTRY", value: registryName },
        { title: "LAST EVENT", value: (it) => formatTime(it.lastEventAt) },
        { title: "LAST RECONCILE", value: lastReconcile },
        { title: "LAST CHECK", value: (it) => formatTime(it.check?.checkedAt) },
        {
          title: "CHECK",
          value: checkWords,
          style: (it) => (it.check === undefined ? undefined : colour(context, it.check.ok)),
        },
        {
          title: "STATE",
          value: (it) => (it.stale ? `stale: ${it.staleReason ?? "unknown"}` : "ok"),
          style: (it) => colour(context, !it.stale),
        },
      ],
      rows,
    ),
  );
}

function lastReconcile({ run }: RegistryState): string {
  if (run === undefined) return "-";
  const completed = run.lastCompletedAt ?? run.completedAt;
  return completed === undefined ? "not completed yet" : formatTime(completed);
}

function checkWords({ check }: RegistryState): string {
  if (check === undefined) return "never";
  const failing = check.findings.filter(({ ok }) => !ok).map((finding) => finding.check);
  return failing.length === 0 ? "ok" : failing.join(", ");
}

function colour({ terminal }: Context, ok: boolean) {
  return ok ? terminal.good : terminal.bad;
}
