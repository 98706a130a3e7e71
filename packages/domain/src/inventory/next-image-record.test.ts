import { describe, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { anImageRecord } from "../../../../test/builders/records.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import type { Image } from "../image/image.ts";
import { type ImageReading, nextImageRecord } from "./next-image-record.ts";
import type { ImageRecord } from "./records.ts";

const repository = aRepository();
const digest = aDigest("image");
const NOW = new Date("2026-11-21T12:00:00.000Z");
const IN_THIRTY_DAYS = "2026-12-21T12:00:00.000Z";

const { since, changedAt, cause } = anImageRecord();
const READ: Image = { digest, tags: [], status: "ACTIVE", ...pick(anImageRecord()) };

function pick({ mediaType, size, pushedAt }: ImageRecord) {
  return { ...(mediaType && { mediaType }), ...(size && { size }), ...(pushedAt && { pushedAt }) };
}

function next(reading: Partial<ImageReading>): ImageRecord | undefined {
  return nextImageRecord({
    repository,
    digest,
    previous: anImageRecord(),
    read: READ,
    manifest: "known",
    cause: "event",
    keepDays: 30,
    now: NOW,
    ...reading,
  });
}

describe("a stage of an image's life", () => {
  test("begins with what was heard, and why", () => {
    expect(next({ previous: undefined, cause: "push", why: "somebody said" })).toMatchObject({
      since: NOW.toISOString(),
      cause: "push",
      why: "somebody said",
      changedAt: NOW.toISOString(),
      version: 1,
    });
  });

  test.each([
    ["archived", "ARCHIVED", "archive"],
    ["on its way back", "ACTIVATING", "restore"],
  ] as const)("ends when the image is %s", (_, status, cause) => {
    const record = next({ read: { ...READ, status }, cause });
    expect(record).toMatchObject({ state: "open", status, since: NOW.toISOString(), cause, version: 2 });
  });

  test("ends when the image is gone, which is remembered for as long as the policy says", () => {
    expect(next({ read: undefined, cause: "lifecycle", why: "rule 2" })).toMatchObject({
      state: "closed",
      closedAt: NOW.toISOString(),
      since: NOW.toISOString(),
      cause: "lifecycle",
      why: "rule 2",
      forgetAt: IN_THIRTY_DAYS,
    });
  });

  test("of what is gone ends when it comes back, and then it is not to be forgotten", () => {
    const previous = anImageRecord({
      state: "closed",
      closedAt: since,
      forgetAt: IN_THIRTY_DAYS,
      why: "rule 2",
    });
    const record = next({ previous, cause: "push" });
    expect(record).toMatchObject({ state: "open", since: NOW.toISOString(), cause: "push", version: 2 });
    for (const left of ["closedAt", "forgetAt", "why"]) expect(record).not.toHaveProperty(left);
  });

  test.each([
    ["size", { size: 7 }],
    ["pushed anew", { pushedAt: NOW.toISOString() }],
    ["another subject", { subject: aDigest("subject") }],
  ])("goes on when something else changed: %s", (_, read) => {
    const record = next({
      previous: anImageRecord({ why: "told" }),
      read: { ...READ, ...read },
      cause: "reconcile",
    });
    expect(record).toMatchObject({ since, cause, why: "told", changedAt: NOW.toISOString(), version: 2 });
  });

  test("goes on when its manifest becomes known", () => {
    const previous = anImageRecord({ manifest: "exclusion-missing" });
    expect(next({ previous })).toMatchObject({
      since,
      cause,
      manifest: "known",
      changedAt: NOW.toISOString(),
    });
  });

  test("goes on when the image is pulled, and that is no change", () => {
    const record = next({ read: { ...READ, lastPulledAt: NOW.toISOString() } });
    expect(record).toMatchObject({ since, cause, changedAt, lastPulledAt: NOW.toISOString(), version: 2 });
  });

  test("goes on when nothing differs, and nothing is to be written", () => {
    expect(next({})).toBeUndefined();
    expect(next({ previous: anImageRecord({ state: "closed" }), read: undefined })).toBeUndefined();
  });
});

test.each(["delete", "lifecycle", "repository-delete"] as const)(
  "what was never known and is gone by %s is noted, to be forgotten in time",
  (cause) => {
    const reading = { previous: undefined, read: undefined, manifest: "not-found", cause } as const;
    expect(next(reading)).toMatchObject({ state: "closed", version: 1, cause, forgetAt: IN_THIRTY_DAYS });
  },
);

test.each(["push", "event", "reconcile"] as const)(
  "what was never known and is not there, by %s, is not noted",
  (cause) => {
    expect(next({ previous: undefined, read: undefined, cause })).toBeUndefined();
  },
);
