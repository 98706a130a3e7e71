import type { RegistryEvent } from "@tallyman/domain/event/registry-event";
import { expect, test } from "vitest";
import { HUB } from "../../test/builders/registry.ts";
import { causeOf } from "./cause.ts";

const ABOUT = { id: "1", time: "2026-11-16T01:54:34Z", repository: { ...HUB, repository: "prod/web" } };
const subject = { tag: "1.4.2" };

test.each<[string, RegistryEvent]>([
  ["push", { ...ABOUT, kind: "image.pushed", subject }],
  ["delete", { ...ABOUT, kind: "image.deleted", subject }],
  ["archive", { ...ABOUT, kind: "image.storage-class-changed", target: "ARCHIVE", subject }],
  ["restore", { ...ABOUT, kind: "image.storage-class-changed", target: "STANDARD", subject }],
  ["pull-through", { ...ABOUT, kind: "image.pulled-through", subject, result: "SUCCESS" }],
  ["event", { ...ABOUT, kind: "image.changed", subject }],
])("%s is the cause of what its event led to", (cause, event) => {
  expect(causeOf(event)).toBe(cause);
});
