import { expect, test } from "vitest";
import { parseRoute } from "./route.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["/v2/", { to: "base" }],
  ["/v2", { to: "base" }],
  ["/v2/team/app/manifests/1.0?x=1", { to: "manifest", name: "team/app", reference: { tag: "1.0" } }],
  [`/v2/team/app/manifests/${digest}`, { to: "manifest", name: "team/app", reference: { digest } }],
  [`/v2/app/blobs/${encodeURIComponent(digest)}`, { to: "blob", name: "app", digest }],
  ["/v2/app/blobs/uploads/", { to: "uploads", name: "app" }],
  ["/v2/app/blobs/uploads/7", { to: "upload", name: "app", id: "7" }],
  ["/v2/a/manifests/b/tags/list", { to: "tags", name: "a/manifests/b" }],
  [`/v2/app/referrers/${digest}`, { to: "referrers", name: "app", digest }],
])("%s goes to %j", (target, route) => {
  expect(parseRoute(target)).toEqual(route);
});

test.each([
  ["/v2/../../etc/passwd/manifests/x", "repositoryName"],
  ["/v2/%2e%2e/%2e%2e/etc/manifests/x", "repositoryName"],
  ["/v2/a/../b/tags/list", "repositoryName"],
  ["/v2//tags/list", "nothing at this path"],
  ["/v2/UPPER/tags/list", "repositoryName"],
  ["/v2/a%00b/tags/list", "repositoryName"],
  ["/v2/a\\b/tags/list", "repositoryName"],
  [`/v2/${"a".repeat(257)}/tags/list`, "repositoryName"],
  ["/v2/app/blobs/sha256:..%2f..%2fetc", "nothing at this path"],
  ["/v2/app/blobs/sha256:ABC", "digest"],
  ["/v2/app/manifests/a+b", "tag"],
  [`/v2/app/manifests/${"a".repeat(129)}`, "tag"],
  ["/v2/app/%zz/list", "percent-encoding"],
  ["/v2/_nothing", "nothing at this path"],
])("%s is refused because of its %s", (target, text) => {
  expect(() => parseRoute(target)).toThrow(text);
});
