import * as z from "zod";

/**
 * A synthesized stack as `npm run synth` writes it (`stacks/snapshot/*.json`): resources by Pulumi type and logical
 * name, with their inputs. JSON documents (policies, patterns, schedule inputs) stand as objects, not as text. Physical
 * names equal logical names. `${Account}`, `${Region}`: where this stack stands; `${HubAccount}`, `${HubRegion}`: where the hub stands.
 */
export const Snapshot = z.strictObject({
  stack: z.string(),
  resources: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.json()))),
});
export type Snapshot = z.infer<typeof Snapshot>;
