import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Question } from "@tallyman/domain/history/find-spots";
import { type Standing, tellWhy } from "@tallyman/domain/history/tell-why";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { jsonBody } from "../documented.ts";
import { account, digest, region, repository, tag } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";
import { Story } from "./story.ts";

const route = createRoute({
  method: "get",
  path: "/why",
  operationId: "tellWhy",
  summary: "Is it here, since when, under which tags, what happened to it",
  description:
    "Asked with a repository and a tag or digest: in the registry that is named, or in every declared one. Asked with a digest alone: everywhere. At most 20 places and the latest 500 entries are told; `more` says that there is more.",
  ...needs("viewer"),
  request: {
    query: z.strictObject({
      account: account.optional(),
      region: region.optional(),
      repository: repository.optional(),
      tag: tag.optional(),
      digest: digest.optional(),
    }),
  },
  responses: {
    ...problems("not-found", "unavailable"),
    200: { description: "What is known", content: jsonBody(() => Story()) },
  },
});

export function registerWhy(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const subject = c.req.valid("query");
    const story = await tellWhy(deps, await questionOf(deps, subject));
    if (story === undefined)
      throw new ProblemError("not-found", `${nameOf(subject)} was never seen. Check the spelling.`);
    const { life, sure, more } = story;
    const answer = {
      subject,
      here: story.here.map(copied),
      gone: story.gone.map(copied),
      pointers: story.pointers.map(({ event: _, version: __, ...it }) => it),
      life: [...life],
      violations: story.violations.map(({ version: _, ...it }) => it),
      replicas: story.replicas.map(({ version: _, noticedAt: __, ...it }) => it),
      sure: sure.map((it) => ({ ...it, unknown: [...it.unknown] })),
      more,
    };
    return c.json(answer, 200);
  });
}

function copied(it: Standing) {
  return { ...it, tags: [...it.tags] };
}

type Asked = {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly repository?: string | undefined;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
};

async function questionOf(deps: ApiDeps, asked: Asked): Promise<Question> {
  const { repository, tag, digest } = asked;
  const registries = registriesOf(asked);
  if (repository === undefined) {
    if (digest === undefined || tag !== undefined || registries !== undefined) throw incomplete();
    return { digest };
  }
  if ((tag === undefined) === (digest === undefined)) throw incomplete();
  const reference = tag === undefined ? { digest: digest ?? "" } : { tag };
  return { registries: registries ?? (await deps.declared.declaredRegistries()), repository, reference };
}

function registriesOf({ account, region }: Asked): readonly Registry[] | undefined {
  if ((account === undefined) !== (region === undefined)) throw incomplete();
  return account === undefined || region === undefined ? undefined : [{ account, region }];
}

function incomplete(): ProblemError {
  return new ProblemError(
    "invalid-parameter",
    "Ask with a repository and a tag or a digest, account and region together or neither; or with a digest alone.",
  );
}

function nameOf({ account, region, repository, tag, digest }: Asked): string {
  const where = account === undefined ? "" : ` of ${account}/${region}`;
  if (repository === undefined) return `${digest}`;
  return tag === undefined ? `${digest} in ${repository}${where}` : `Tag "${tag}" of ${repository}${where}`;
}
