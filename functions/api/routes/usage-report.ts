import { isDeepStrictEqual } from "node:util";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { SnapshotConflictError } from "@tallyman/domain/usage/errors";
import type { Snapshot, SourceState } from "@tallyman/domain/usage/evidence";
import { understandItems } from "@tallyman/domain/usage/understand-items";
import * as z from "zod";
import type { ApiEnv } from "../caller.ts";
import type { ApiDeps, UsageStores } from "../deps.ts";
import { jsonBody } from "../documented.ts";
import { source } from "../parameters.ts";
import { bodyProblems, ProblemError } from "../problem.ts";
import { findSource, needsSource } from "../usage-source.ts";
import { type ReportBody, UsageReportBody } from "./usage-report-shape.ts";
import { scopePath } from "./usage-shapes.ts";

const route = (deps: ApiDeps) =>
  createRoute({
    method: "put",
    path: "/usage/{source}",
    operationId: "reportUsage",
    summary: "Everything that a source sees in one scope: what it does not name is not used there",
    description:
      "By the principal that the policy binds to the source (`usage.sources`), whatever else it may do. Reports of a scope are numbered: an older number than the one in force is refused, the same report again is accepted. At most 5 MiB and 20,000 items; a larger fleet reports a scope for each cluster.",
    "x-tallyman-right": "source",
    middleware: needsSource(deps),
    request: {
      params: z.object({ source }),
      body: { required: true, content: { "application/json": { schema: UsageReportBody } } },
    },
    responses: {
      ...bodyProblems("not-found", "conflict", "unavailable"),
      202: {
        description: "It is stored and applied at once; the Location tells whether it is in force or suspect",
        headers: z.object({ location: z.string() }),
        content: jsonBody(() =>
          z.object({
            source: z.string(),
            scope: z.string(),
            sequence: z.number().int(),
            items: z.number().int(),
          }),
        ),
      },
    },
  });

export function registerUsageReport(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route(deps), async (c) => {
    const { source: name } = c.req.valid("param");
    const { complete: _, ...report } = c.req.valid("json");
    const { account, scopes } = await findSource(deps, name);
    if (scopes !== undefined && !scopes.includes(report.scope)) throw unknownScope(name, report.scope);
    assertReferences(report.items);
    const now = deps.now();
    assertPast(report.observedAt, now);
    const receivedAt = now.toISOString();
    const snapshot = { ...asReported(report), source: name, account, receivedAt };
    const stores = await deps.usageStores();
    await keep(stores, snapshot);
    const { scope, sequence, items } = snapshot;
    const asked = c.env.lambdaContext.awsRequestId;
    await stores.queue.send({ kind: "apply", source: name, scope, sequence, asked });
    const by = c.get("caller").arn;
    deps.telemetry.log.info("usage reported", { source: name, scope, sequence, items: items.length, by });
    return c.json({ source: name, scope, sequence, items: items.length }, 202, {
      location: scopePath(name, scope),
    });
  });
}

/** How far clocks may differ. */
const MOST_AHEAD_MS = 5 * 60_000;

/** What was seen tomorrow would not be too old for a day longer than the policy says. */
function assertPast(observedAt: string, now: Date): void {
  if (Date.parse(observedAt) - now.getTime() <= MOST_AHEAD_MS) return;
  const problem = `later than now, ${now.toISOString()}: set the clock of whoever reports`;
  const errors = [{ in: "body", parameter: "observedAt", problem }] as const;
  throw new ProblemError("invalid-parameter", `observedAt: ${problem}. Nothing was changed.`, { errors });
}

/** How many of them an answer names. */
const FEW = 20;

/** What is no name of an image names nothing that is used: whoever sends it must hear so. Beside a digest it does not matter. */
function assertReferences(items: ReportBody["items"]): void {
  const errors = items.flatMap(({ image, digest, kind, account, service }, index) => {
    if (digest !== undefined) return [];
    if (understandItems([{ image, kind, account, service }]).unreadable.count === 0) return [];
    const problem = "not the name of an image: <registry>/<repository>:<tag>, @<digest> or both";
    return [{ in: "body", parameter: `items.${index}.image`, problem } as const];
  });
  if (errors.length === 0) return;
  const named = errors.slice(0, FEW);
  const more = errors.length > FEW ? `; and ${errors.length - FEW} more` : "";
  const detail = `${named.map((it) => it.parameter).join(", ")}${more}: ${errors[0]?.problem}. Nothing was changed.`;
  throw new ProblemError("invalid-parameter", detail, { errors: named });
}

/** Stores the report once, under its number; a ProblemError when its number is not above those that are known. */
async function keep({ states, snapshots }: UsageStores, snapshot: Snapshot): Promise<void> {
  const { source: name, scope, sequence } = snapshot;
  const state = await states.findState(name, scope);
  const latest = latestOf(state);
  if (sequence <= latest) {
    const first = await snapshots.findSnapshot(name, scope, sequence);
    if (first === undefined || !isSame(first, snapshot)) throw oldSequence(snapshot, latest);
    return;
  }
  try {
    await snapshots.putSnapshot(snapshot);
  } catch (error) {
    if (error instanceof SnapshotConflictError) throw new ProblemError("conflict", error.message);
    throw error;
  }
}

/** Above this number a report is news. */
function latestOf(state: SourceState | undefined): number {
  return Math.max(state?.sequence ?? 0, state?.suspect?.sequence ?? 0);
}

function isSame(a: Snapshot, b: Snapshot): boolean {
  return isDeepStrictEqual({ ...a, receivedAt: "" }, { ...b, receivedAt: "" });
}

function oldSequence({ scope, sequence }: Snapshot, latest: number): ProblemError {
  return new ProblemError(
    "conflict",
    `Report ${latest} of ${scope} is known already, and ${sequence} is not the same report: take the next number, ${latest + 1}. Nothing was changed.`,
  );
}

function unknownScope(name: string, scope: string): ProblemError {
  const problem = `the policy names the scopes of "${name}", and this is none of them`;
  const errors = [{ in: "body", parameter: "scope", problem }] as const;
  return new ProblemError("invalid-parameter", `scope: ${scope}: ${problem}.`, { errors });
}

/** As the domain has it: what is absent is not there. */
function asReported(
  report: Omit<ReportBody, "complete">,
): Pick<Snapshot, "scope" | "sequence" | "observedAt" | "items"> {
  return JSON.parse(JSON.stringify(report));
}
