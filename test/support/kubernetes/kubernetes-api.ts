import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A rule of a ClusterRole. */
export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};
/** As rules name what was asked for. */
export type ApiCall = { readonly apiGroup: string; readonly resource: string; readonly verb: string };
export type Objects = { readonly length: number; at(index: number): object | undefined };
type Reply = { readonly status: number; readonly body: unknown };

export const TOKEN = "token of the service account";
const USER = "system:serviceaccount:tallyman:tallyman-reporter";
const KINDS: Readonly<Record<string, string>> = {
  pods: "PodList",
  deployments: "DeploymentList",
  statefulsets: "StatefulSetList",
  daemonsets: "DaemonSetList",
  replicasets: "ReplicaSetList",
  cronjobs: "CronJobList",
  jobs: "JobList",
};

export type Tls = { readonly key: string; readonly cert: string };
type Snapshot = { readonly objects: Objects; readonly version: number };

/**
 * What a Kubernetes API server answers to lists (kubernetes.io/docs/reference/using-api/api-concepts), over HTTP: pages of a list
 * as it was when its first page was made, 410 for a list that is not remembered any more, RBAC, Status objects.
 */
export class KubernetesApi {
  /** By resource, as paths name them. */
  readonly objects = new Map<string, Objects>();
  readonly calls: ApiCall[] = [];
  readonly requests: string[] = [];
  rules: readonly Rule[] = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  token = TOKEN;
  /** Said instead of an answer when it gives one; `page` counts from 1 within a list. */
  instead: (resource: string, page: number) => Reply | "hang up" | undefined = () => undefined;
  readonly #server;
  readonly #scheme: string;
  readonly #snapshots = new Map<string, Snapshot>();
  #version = 1000;

  private constructor(tls: Tls | undefined) {
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#server = tls ? createTlsServer(tls, answer) : createServer(answer);
    this.#scheme = tls ? "https" : "http";
  }

  static async start(tls?: Tls): Promise<KubernetesApi> {
    const api = new KubernetesApi(tls);
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Forgets how the lists were when they began, as etcd does when it is compacted. */
  compact(): void {
    this.#snapshots.clear();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const reply = this.#reply(request, new URL(request.url ?? "/", "http://kubernetes"));
    if (reply === "hang up") return void request.socket.destroy();
    const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
    response.writeHead(reply.status, { "content-type": "application/json" }).end(text);
  }

  #reply({ headers, method }: IncomingMessage, url: URL): Reply | "hang up" {
    if (headers.authorization !== `Bearer ${this.token}`) return status(401, "Unauthorized", "Unauthorized");
    const call = callOf(method ?? "GET", url.pathname);
    this.calls.push(call);
    const { apiGroup, resource, verb } = call;
    if (!this.rules.some((rule) => allows(rule, call)))
      return status(
        403,
        "Forbidden",
        `${resource} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${apiGroup}" at the cluster scope`,
      );
    const from = url.searchParams.get("continue");
    const limit = Number(url.searchParams.get("limit") ?? 0);
    const offset = from === null ? 0 : offsetOf(from);
    const page = limit > 0 ? offset / limit + 1 : 1;
    return this.instead(resource, page) ?? this.#list(call, { limit, from });
  }

  #list({ resource, apiGroup }: ApiCall, { limit, from }: { limit: number; from: string | null }): Reply {
    const key = from === null ? `${this.#version++}` : keyOf(from);
    if (from === null)
      this.#snapshots.set(key, { objects: this.objects.get(resource) ?? [], version: this.#version });
    const snapshot = this.#snapshots.get(key);
    if (snapshot === undefined) return expired();
    const { objects, version } = snapshot;
    const begin = from === null ? 0 : offsetOf(from);
    const end = limit > 0 ? Math.min(begin + limit, objects.length) : objects.length;
    const items = Array.from({ length: end - begin }, (_, index) => objects.at(begin + index));
    const rest = objects.length - end;
    const more = rest > 0 ? { continue: tokenOf(key, end), remainingItemCount: rest } : { continue: "" };
    const metadata = { resourceVersion: `${version}`, ...more };
    const apiVersion = apiGroup === "" ? "v1" : `${apiGroup}/v1`;
    return { status: 200, body: { kind: KINDS[resource], apiVersion, metadata, items } };
  }
}

/** The verb that RBAC sees; `/api/v1/pods`, `/apis/apps/v1/deployments`, both also below `/namespaces/<name>` and of one object. */
function callOf(method: string, path: string): ApiCall {
  const [, root, ...parts] = path.split("/");
  const [apiGroup = "", rest] = root === "api" ? ["", parts.slice(1)] : [parts[0], parts.slice(2)];
  const [resource = "", name] = rest[0] === "namespaces" ? rest.slice(2) : rest;
  if (method !== "GET") return { apiGroup, resource, verb: method.toLowerCase() };
  return { apiGroup, resource, verb: name === undefined ? "list" : "get" };
}

function allows(rule: Rule, { apiGroup, resource, verb }: ApiCall): boolean {
  const has = (list: readonly string[], wanted: string) => list.includes(wanted) || list.includes("*");
  return has(rule.apiGroups, apiGroup) && has(rule.resources, resource) && has(rule.verbs, verb);
}

export function status(code: number, reason: string, message: string): Reply {
  const metadata = {};
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", metadata, status: "Failure", message, reason, code },
  };
}

/** As the API server words it, with a token for who needs no consistent list. */
function expired(): Reply {
  const message =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.";
  const { body } = status(410, "Expired", message);
  return { status: 410, body: { ...(body as object), metadata: { continue: tokenOf("inconsistent", 0) } } };
}

function tokenOf(key: string, offset: number): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", key, offset })).toString("base64url");
}

function offsetOf(token: string): number {
  return Number(JSON.parse(Buffer.from(token, "base64url").toString()).offset);
}

function keyOf(token: string): string {
  return String(JSON.parse(Buffer.from(token, "base64url").toString()).key);
}
