import type { Credentials } from "./credentials.mts";
import { type Answer, send } from "./http.mts";
import { listAt, numberAt, parseJson, textAt } from "./json.mts";
import type { Settings } from "./settings.mts";
import { escapeUri, signedHeaders } from "./sign.mts";

export type Api = Pick<Settings, "endpoint" | "signingRegion" | "source"> & {
  readonly credentials: Credentials;
};

/** What the API knows of a scope: the highest number that a report of it has, in force or suspect; 0: none. */
export async function latestSequence(api: Api, scope: string): Promise<number> {
  let cursor: string | undefined;
  do {
    const page = await answered(api, "GET", { limit: "100", ...(cursor !== undefined && { cursor }) });
    for (const state of listAt(page, "items")) if (textAt(state, "scope") === scope) return highestOf(state);
    cursor = textAt(page, "next");
  } while (cursor !== undefined);
  return 0;
}

function highestOf(state: unknown): number {
  const inForce = numberAt(state, "sequence");
  if (inForce === undefined) throw new Error("the API's answer has no number of the report in force");
  return Math.max(inForce, numberAt(state, "suspect", "sequence") ?? 0);
}

/** Sends a report; throws, with the API's own words, unless it was taken. `body`: JSON of `items` and the rest. */
export async function putReport(api: Api, body: string, items: readonly Item[]): Promise<void> {
  await answered(api, "PUT", {}, body).catch((error: Error) => {
    throw new Error(`${error.message}${whichItems(error.message, items)}`, { cause: error });
  });
}

type Item = { readonly image: string; readonly service: string };

/** The API names items by their place, of which nobody sees but us what stands there. */
function whichItems(said: string, items: readonly Item[]): string {
  const places = [...new Set([...said.matchAll(/\bitems\.(\d+)/g)].map(([, place]) => Number(place)))];
  const named = places.map((place) => ({ place, item: items[place] })).filter((it) => it.item !== undefined);
  return named
    .map(({ place, item }) => `\n  items.${place} is "${item?.image}" of ${item?.service}`)
    .join("");
}

async function answered(
  api: Api,
  method: "GET" | "PUT",
  query: Readonly<Record<string, string>>,
  body = "",
): Promise<unknown> {
  const url = new URL(api.endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v1/usage/${api.source}`;
  url.search = Object.entries(query)
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .join("&");
  const unsigned = { method, url, body, region: api.signingRegion, service: "execute-api", now: new Date() };
  const headers = {
    ...signedHeaders(unsigned, api.credentials),
    ...(body !== "" && { "content-type": "application/json" }),
  };
  const answer = await send({ method, url, headers, ...(body !== "" && { body }), most: 8 * 1024 * 1024 });
  if (answer.status === 200 || answer.status === 202) return parseJson(answer.text, url.origin);
  throw new Error(`${url.origin} refused ${method} ${url.pathname}: ${saidBy(answer)}`);
}

function saidBy({ status, text }: Answer): string {
  let problem: unknown;
  try {
    problem = JSON.parse(text);
  } catch {
    return `${status} ${text.slice(0, 200)}`;
  }
  const detail = textAt(problem, "detail") ?? textAt(problem, "message") ?? "";
  const remedy =
    status === 403
      ? " (the role needs execute-api:Invoke, and the policy must bind the source to it: usage.sources)"
      : "";
  return `${status} ${detail}${remedy}`;
}
