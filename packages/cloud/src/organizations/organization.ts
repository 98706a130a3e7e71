import * as z from "zod";

const AccountId = z.string().regex(/^\d{12}$/, "an account id has 12 digits");
const RootId = z.string().regex(/^r-[0-9a-z]{4,32}$/, "a root's id is r- and 4 to 32 letters or digits");
const UnitId = z
  .string()
  .regex(
    /^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$/,
    "a unit's id is ou-, the root's, and 8 to 32 letters or digits",
  );
const ParentId = z.union([RootId, UnitId]);
const Name = z.string().min(1).max(128);

/** States of an account (Organizations API Reference, Account). */
const State = z.enum(["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"]);

const Account = z.strictObject({
  id: AccountId,
  name: Name,
  parent: ParentId,
  state: State.default("ACTIVE"),
});
const Unit = z.strictObject({ id: UnitId, name: Name, parent: ParentId });

/** An AWS organisation: in the file given by `--accounts`. Its accounts need not be able to call this cloud. */
export const Organization = z
  .strictObject({
    id: z.string().regex(/^o-[a-z0-9]{10,32}$/, "an organisation's id is o- and 10 to 32 letters or digits"),
    /** The one account that may ask about it. */
    managementAccount: AccountId,
    root: RootId,
    units: z.array(Unit).default([]),
    accounts: z.array(Account).default([]),
  })
  .superRefine(({ root, units, accounts }, issues) => {
    const parents = new Set([root, ...units.map(({ id }) => id)]);
    const ids = [...units, ...accounts].map(({ id }) => id);
    for (const id of ids.filter((each, index) => ids.indexOf(each) !== index))
      issues.addIssue({ code: "custom", message: `${id} stands twice` });
    for (const { id, parent } of [...units, ...accounts])
      if (!parents.has(parent))
        issues.addIssue({ code: "custom", message: `${id} is in ${parent}, which there is not` });
  });
export type Organization = z.infer<typeof Organization>;
