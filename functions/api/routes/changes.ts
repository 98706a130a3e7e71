import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { CHANGES_DAYS, type Change as Changed } from "@tallyman/domain/history/change";
import { parseSince } from "@tallyman/domain/history/since";
import type { PageRequest } from "@tallyman/domain/inventory/ports";
import { CAUSES } from "@tallyman/domain/inventory/records";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readFiltered, readPage } from "../paging.ts";
import { account, described, pageOf, paging, region, repository } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";

const Change = documented(() =>
  z
    .object({
      at: z.string(),
      account: z.string(),
      region: z.string(),
      repository: z.string(),
      kind: z.enum(["image", "tag"]),
      tag: z.string().optional(),
      digest: z
        .string()
        .nullable()
        .openapi({ description: "Of a tag: where it points now; null: it is gone" }),
      state: z.enum(["here", "gone"]),
      status: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]).optional().openapi({ description: "Of an image" }),
      since: z.string().openapi({ description: "Since when it is as it is" }),
      cause: z.enum(CAUSES),
      why: z.string().optional(),
    })
    .openapi("Change"),
);

const since = described("since", z.string().min(2).max(40));

const route = createRoute({
  method: "get",
  path: "/changes",
  operationId: "listChanges",
  summary: "Images and tags that changed since a time, as they are now, the latest change first",
  description: "A page can hold fewer items than asked for, even none, and have a `next` all the same.",
  ...needs("viewer"),
  request: {
    query: z.strictObject({
      since,
      account: account.optional(),
      region: region.optional(),
      repository: repository.optional(),
      ...paging,
    }),
  },
  responses: {
    ...problems("invalid-cursor"),
    200: { description: "One page", content: jsonBody(() => pageOf(Change())) },
  },
});

export function registerChanges(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, since: begin, ...wanted } = c.req.valid("query");
    const now = deps.now();
    const time = { since: beginOf(begin, now), now: now.toISOString() };
    const page = await readPage(c, deps, {
      operation: "listChanges",
      limit,
      cursor,
      filters: { since: begin, ...wanted },
      read: (request) => readOn(deps, { request, time, wanted }),
    });
    return c.json({ ...page, items: page.items.map(shown) }, 200);
  });
}

const DAY_MS = 24 * 60 * 60_000;

function beginOf(text: string, now: Date): string {
  const begin = parseSince(text, now);
  const refuse = (problem: string): never => {
    throw new ProblemError("invalid-parameter", `since: ${problem}`, {
      errors: [{ in: "query", parameter: "since", problem }],
    });
  };
  if (begin === undefined) return refuse(`"${text}" is no time; write 2h, 7d, P1D or 2026-11-21T12:00:00Z`);
  if (now.getTime() - begin.getTime() > CHANGES_DAYS * DAY_MS)
    return refuse(
      `changes are listed for ${CHANGES_DAYS} days; "tallyman history" and "why" know what was before`,
    );
  return begin.toISOString();
}

type Wanted = {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly repository?: string | undefined;
};

/** `2h` means two hours before the first page: the cursor carries the time that it came to. */
async function readOn(
  { queries }: Pick<ApiDeps, "queries">,
  {
    request,
    time,
    wanted,
  }: {
    readonly request: PageRequest;
    readonly time: { readonly since: string; readonly now: string };
    readonly wanted: Wanted;
  },
) {
  const [begin = time.since, ...rest] = request.next?.split(" ") ?? [];
  const next = rest.length === 0 ? {} : { next: rest.join(" ") };
  const read = (page: PageRequest) => queries.listChanges({ ...time, since: begin }, page);
  const page = await readFiltered(read, { limit: request.limit, ...next }, (change) =>
    matches(change, wanted),
  );
  return page.next === undefined ? page : { ...page, next: `${begin} ${page.next}` };
}

function matches(change: Changed, wanted: Wanted): boolean {
  const it = change.kind === "image" ? change.image : change.tag;
  const names = ["account", "region", "repository"] as const;
  return names.every((name) => wanted[name] === undefined || wanted[name] === it[name]);
}

function shown(change: Changed) {
  if (change.kind === "tag") {
    const { account, region, repository, tag, digest, since, cause, why } = change.tag;
    const state = digest === null ? ("gone" as const) : ("here" as const);
    return {
      at: change.at,
      account,
      region,
      repository,
      kind: change.kind,
      tag,
      digest,
      state,
      since,
      cause,
      why,
    };
  }
  const { account, region, repository, digest, status, since, cause, why } = change.image;
  const state = change.image.state === "open" ? ("here" as const) : ("gone" as const);
  return {
    at: change.at,
    account,
    region,
    repository,
    kind: change.kind,
    digest,
    state,
    status,
    since,
    cause,
    why,
  };
}
