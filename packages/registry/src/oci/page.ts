import { invalidParameter } from "../core/errors.ts";
import type { Headers } from "./exchange.ts";

const DEFAULT_PAGE = 100;
const MAXIMUM_PAGE = 1000;

/** The `n` of a list, 100 without one; throws InvalidParameterException, in ECR's words, beyond 1,000. */
export function pageSize(n: string | null): number {
  if (n === null) return DEFAULT_PAGE;
  if (!/^\d+$/.test(n)) throw invalidParameter("maxResults", "Member must be a whole number");
  if (Number(n) > MAXIMUM_PAGE) {
    throw invalidParameter("maxResults", `Member must have value less than or equal to ${MAXIMUM_PAGE}`);
  }
  return Number(n);
}

/** The `Link` to the page after `last`; no header where there is none. */
export function nextPage(
  path: string,
  { limit, last }: { readonly limit: number; readonly last: string | undefined },
): Headers {
  if (last === undefined) return {};
  return { Link: `<${path}?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"` };
}
