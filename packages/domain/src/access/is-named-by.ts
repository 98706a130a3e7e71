/**
 * Whether a pattern as the policy writes it (access.ts: an IAM user's or role's ARN with `*`) covers the caller with this
 * ARN. A role covers all its sessions, whose ARN has the role's name without its path.
 */
export function isNamedBy(pattern: string, arn: string): boolean {
  const wanted = parsePrincipal(pattern);
  const caller = parsePrincipal(arn);
  if (wanted === undefined || caller === undefined) return false;
  if (wanted.account !== caller.account || wanted.kind !== caller.kind) return false;
  return matchesGlob(wanted.kind === "role" ? lastSegment(wanted.name) : wanted.name, caller.name);
}

export type ParsedPrincipal = {
  readonly account: string;
  readonly kind: "user" | "role";
  readonly name: string;
};

/** `arn:aws:iam::<account>:(user|role)/<path and name>` or `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
export function parsePrincipal(arn: string): ParsedPrincipal | undefined {
  const iam = /^arn:aws[a-z-]*:iam::(\d{12}):(?:(user|role)\/(.+)|root)$/.exec(arn);
  if (iam !== null) {
    const [, account = "", kind, name = "root"] = iam;
    return { account, kind: kind === "role" ? "role" : "user", name };
  }
  const session = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(arn);
  if (session === null) return undefined;
  const [, account = "", name = ""] = session;
  return { account, kind: "role", name };
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `*` is any run of characters but `/`. Greedy without backtracking: linear in both lengths for practical input. */
function matchesGlob(glob: string, text: string): boolean {
  const parts = glob.split("*");
  const [first = ""] = parts;
  if (parts.length === 1) return glob === text;
  if (!text.startsWith(first)) return false;
  let rest = text.slice(first.length);
  for (const [index, part] of parts.slice(1).entries()) {
    const isLast = index === parts.length - 2;
    const at = isLast ? rest.length - part.length : rest.indexOf(part);
    if (at < 0 || !rest.startsWith(part, at) || rest.slice(0, at).includes("/")) return false;
    rest = rest.slice(at + part.length);
  }
  return rest === "";
}
