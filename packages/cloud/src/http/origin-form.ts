import type { IncomingMessage } from "node:http";

/** Scheme and authority of a target in absolute form; user names in it are nobody's to send. */
const ABSOLUTE = /^https?:\/\/([^/?#@]+)(.*)$/is;

/**
 * A request may name its target in full, as to a proxy (`GET http://host/v2/ HTTP/1.1`): a server must take it, and believe
 * it instead of the Host header (RFC 9112, section 3.2.2). From here on it is as any other request.
 */
export function useOriginForm(req: IncomingMessage): void {
  const [, authority, rest = ""] = ABSOLUTE.exec(req.url ?? "") ?? [];
  if (authority === undefined) return;
  req.url = rest.startsWith("/") ? rest : `/${rest}`;
  req.headers.host = authority;
}
