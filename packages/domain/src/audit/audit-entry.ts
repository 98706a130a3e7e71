/** One line of the audit trail. `id` is derived from what happened, so that a repeated message writes it once. */
export type AuditEntry = {
  readonly id: string;
  readonly at: string;
  /** Orders the entries of one run, which share `at`: 0 for the first, an intent before its outcome. */
  readonly sequence: number;
  /** Who: a function (`reconcile`) or a principal ARN. */
  readonly actor: string;
  /** Past tense: `brake.set`, `inventory.repaired`, `replica.overdue`. */
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
};
