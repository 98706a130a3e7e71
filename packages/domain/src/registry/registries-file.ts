import * as z from "../zod.ts";
import { AccountId, Region, Registry, registryName } from "./registry.ts";

/** Which registries are watched; read when stacks are deployed. */
export const REGISTRIES_FILE = "tallyman.registries.yaml";
/** Which accounts its organisation units held when somebody last looked; committed and reviewed like a lock file. */
export const RESOLVED_FILE = "tallyman.registries.resolved.yaml";

const HOW_TO_WRITE_IT = "write a registry as <account>/<region>";
const RegistryText = z.pipe(
  z.pipe(
    z.string(HOW_TO_WRITE_IT).check(z.regex(/^[^/]+\/[^/]+$/, HOW_TO_WRITE_IT)),
    z.transform((text: string) => ({ account: text.split("/")[0] ?? "", region: text.split("/")[1] ?? "" })),
  ),
  Registry,
);

/** YAML reads bare digits as a number, and drops a leading zero. */
const QuotedAccount = z.pipe(z.string("write an account id in quotes"), AccountId);

/** Organizations API Reference: a root is `r-` and 4 to 32 characters, a unit `ou-<root>-` and 8 to 32. */
const UnitId = z
  .string()
  .check(
    z.regex(
      /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
      "the id of an organisation unit (ou-...-...) or of the organisation's root (r-...)",
    ),
  );

const OrganizationUnit = z.strictObject({
  id: UnitId,
  regions: z.array(Region).check(z.minLength(1), z.refine(eachOnce, "a Region stands twice")),
  /** Accounts of the unit that are not watched. */
  except: z._default(z.array(QuotedAccount), []),
});
export type OrganizationUnit = z.infer<typeof OrganizationUnit>;

export const RegistriesFile = z.strictObject({
  hub: RegistryText,
  registries: z._default(
    z.array(RegistryText).check((context) => {
      for (const name of twice(context.value.map(registryName)))
        context.issues.push({ code: "custom", input: name, message: `${name} stands twice` });
    }),
    [],
  ),
  organizationUnits: z._default(
    z.array(OrganizationUnit).check((context) => {
      for (const id of twice(context.value.map((unit) => unit.id)))
        context.issues.push({ code: "custom", input: id, message: `${id} stands twice` });
    }),
    [],
  ),
  organization: z.optional(z.string().check(z.regex(/^o-[a-z0-9]{10,32}$/, "not an AWS Organizations id"))),
  externalId: z.strictObject({
    fromEnvironment: z.string().check(z.regex(/^[A-Z][A-Z0-9_]*$/)),
  }),
  alarmTopic: z.optional(z.string().check(z.startsWith("arn:aws:sns:"))),
});
export type RegistriesFile = z.infer<typeof RegistriesFile>;

const ResolvedUnit = z.strictObject({
  id: UnitId,
  accounts: z.array(z.strictObject({ id: QuotedAccount, name: z.string() })),
});
export type ResolvedUnit = z.infer<typeof ResolvedUnit>;

export const ResolvedFile = z.strictObject({ units: z.array(ResolvedUnit) });
export type ResolvedFile = z.infer<typeof ResolvedFile>;

function eachOnce(texts: readonly string[]): boolean {
  return twice(texts).length === 0;
}

function twice(texts: readonly string[]): readonly string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}
