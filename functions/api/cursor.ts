import { createHmac, timingSafeEqual } from "node:crypto";

/** What a cursor belongs to: it continues exactly this question, asked by exactly this principal. */
export type CursorScope = {
  /** The route's operation id. */
  readonly operation: string;
  /** Everything that selects items; not `limit`, which may change from page to page. */
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly principal: string;
};

/** The cursor was changed, cut, or belongs to another query or principal; which of these cannot be told. */
export class InvalidCursorError extends Error {
  readonly code = "INVALID_CURSOR";

  constructor() {
    super(
      "The cursor does not continue this query. Use it unchanged, with the same filters and the same credentials, or ask without a cursor to start again.",
    );
    this.name = "InvalidCursorError";
  }
}

/** `<position>.<signature>`, both base64url: opaque to callers, readable to nobody but the store that gave `next`. */
export function sealCursor(key: Uint8Array, scope: CursorScope, next: string): string {
  const position = Buffer.from(next).toString("base64url");
  return `${position}.${sign(key, scope, position)}`;
}

/** The store's `next` of a cursor that `sealCursor` made for the same scope; throws InvalidCursorError otherwise. */
export function openCursor(key: Uint8Array, scope: CursorScope, cursor: string): string {
  const dot = cursor.indexOf(".");
  const position = cursor.slice(0, Math.max(dot, 0));
  // Compared as text: base64 has several spellings of the same bytes, and none but ours is taken.
  const given = Buffer.from(cursor.slice(dot + 1));
  const expected = Buffer.from(sign(key, scope, position));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new InvalidCursorError();
  return Buffer.from(position, "base64url").toString();
}

function sign(key: Uint8Array, scope: CursorScope, position: string): string {
  const filters = Object.entries(scope.filters)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const signed = JSON.stringify([1, scope.operation, filters, scope.principal, position]);
  return createHmac("sha256", key).update(signed).digest("base64url");
}
