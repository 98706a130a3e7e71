import { registryName } from "@tallyman/domain/registry/registry";
import type { EcrEvent } from "@tallyman/registry/ecr-event";
import * as z from "zod";
import type { Core } from "../composition/core.ts";
import { ControlError } from "./control.ts";

const Emitted = z.strictObject({
  account: z.string(),
  region: z.string(),
  detailType: z.string().min(1).max(128),
  resources: z.array(z.string()).default([]),
  detail: z.record(z.string(), z.json()),
  readOnly: z.boolean().default(false),
});

/** What a registry of this cloud would emit now; what it does not emit by itself yet can be tried so. */
export function registryEvent({ topology, clock }: Core, body: unknown): EcrEvent {
  const event = Emitted.parse(body);
  if (topology.registries.some((registry) => registryName(registry) === registryName(event))) {
    return { ...event, time: clock.now() };
  }
  throw new ControlError(404, `There is no registry ${registryName(event)}.`);
}
