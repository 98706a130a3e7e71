import type { IncomingMessage } from "node:http";

/**
 * Why a request may not use the control surface; undefined: it may. A page on the web can reach a loopback port: with a
 * foreign Origin, through a name that it lets point to 127.0.0.1 (Host), or as a form, which cannot send JSON.
 */
export function refusal(req: IncomingMessage): string | undefined {
  const host = req.headers.host ?? "";
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host))
    return `Host is ${host || "missing"}: use 127.0.0.1, localhost or [::1]`;
  const { origin } = req.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return `Origin is ${origin}: only pages served from http://${host} may use this`;
  const site = req.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return `Sec-Fetch-Site is ${String(site)}: another site's page must not use this`;
  if (req.method === "POST" && !isJson(req.headers["content-type"]))
    return "Content-Type must be application/json";
  return undefined;
}

function isJson(type: string | undefined): boolean {
  return type?.split(";")[0]?.trim().toLowerCase() === "application/json";
}
