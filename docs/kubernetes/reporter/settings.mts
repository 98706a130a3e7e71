import { isLocal } from "./http.mts";

export type Settings = {
  readonly endpoint: URL;
  /** The Region that requests to the API are signed for. */
  readonly signingRegion: string;
  readonly source: string;
  readonly scope: string;
  readonly cluster: string;
  readonly account: string;
  readonly region: string;
  readonly kubernetes: URL;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly dryRun: boolean;
};
export type Env = Readonly<Record<string, string | undefined>>;

const MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const TEXT = /^[\w.:/@$+=,*() -]{1,256}$/;

/** Reads everything that may be said from outside; throws one error with every problem. */
export function readSettings(env: Env, args: readonly string[]): Settings {
  const problems: string[] = [];
  const take = (name: string, shape: RegExp, example: string): string => {
    const value = env[name] ?? "";
    if (!shape.test(value)) problems.push(`${name} is to be ${example}, and is ${told(value)}`);
    return value;
  };
  const takeUrl = (name: string, value: string | undefined): URL => {
    const url = URL.parse(value ?? "");
    if (url && (url.protocol === "https:" || (url.protocol === "http:" && isLocal(url)))) return url;
    problems.push(`${name} is to be an https:// URL, and is ${told(value ?? "")}`);
    return new URL("https://unknown.invalid");
  };
  const unknown = args.filter((it) => it !== "--dry-run");
  if (unknown.length > 0) problems.push(`${unknown.join(" ")}: there is only --dry-run`);
  const endpoint = takeUrl("TALLYMAN_ENDPOINT", env["TALLYMAN_ENDPOINT"]);
  const cluster = take("TALLYMAN_CLUSTER", TEXT, "the name of the cluster");
  const region = take("AWS_REGION", /^[a-z]{2}(-[a-z]+)+-\d+$/, "the cluster's Region, like eu-central-1");
  const inside = env["KUBERNETES_API"] === undefined;
  const settings = {
    endpoint,
    signingRegion: regionOf(endpoint) ?? (env["TALLYMAN_API_REGION"] || region),
    source: take("TALLYMAN_SOURCE", NAME, "the name of the source in the policy"),
    scope: env["TALLYMAN_SCOPE"] ? take("TALLYMAN_SCOPE", TEXT, "a name") : cluster,
    cluster,
    account: take("TALLYMAN_ACCOUNT", /^\d{12}$/, "the account of the cluster, 12 digits"),
    region,
    kubernetes: takeUrl("KUBERNETES_API", env["KUBERNETES_API"] ?? insideUrl(env)),
    tokenFile: env["KUBERNETES_TOKEN_FILE"] ?? (inside ? `${MOUNTED}/token` : undefined),
    caFile: env["KUBERNETES_CA_FILE"] ?? (inside ? `${MOUNTED}/ca.crt` : undefined),
    dryRun: args.includes("--dry-run"),
  };
  if (problems.length > 0) throw new Error(problems.join("; "));
  return settings;
}

function told(value: string): string {
  return value === "" ? "not set" : `"${value.slice(0, 80)}"`;
}

/** Where a pod finds the API: an IPv6 address needs brackets. */
function insideUrl(env: Env): string {
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "kubernetes.default.svc";
  const port = env["KUBERNETES_SERVICE_PORT_HTTPS"] ?? env["KUBERNETES_SERVICE_PORT"] ?? "443";
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function regionOf({ hostname }: URL): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/.exec(hostname)?.[1];
}
