import { invalid, type LambdaCall } from "./lambda-call.ts";

/** Lambda returns no more, whatever is asked for. */
const MOST = 50;

/** One page of a list, which stands under `name`. */
export function page({ query }: LambdaCall, name: string, items: readonly object[]): object {
  const asked = Math.trunc(Number(query.get("MaxItems") ?? MOST)) || MOST;
  const marker = query.get("Marker");
  const from = marker === null ? 0 : Number(Buffer.from(marker, "base64url").toString());
  if (!Number.isSafeInteger(from) || from < 0) throw invalid("Invalid Marker");
  const end = from + Math.min(Math.max(asked, 1), MOST);
  const rest = end < items.length && { NextMarker: Buffer.from(String(end)).toString("base64url") };
  return { [name]: items.slice(from, end), ...rest };
}
