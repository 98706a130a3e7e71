/**
 * The outcome of judging one tag: data with reasons, the same object in the log, the inventory, Slack, the API and the
 * audit trail. `rule` is the name of the rule that decided; a repository that no rule selects has no verdicts.
 */
export type TagVerdict = {
  readonly subject: { readonly repository: string; readonly tag: string };
  readonly verdict: "allowed" | "violation";
  readonly rule: string;
  /** One sentence for people; contains the tag and the patterns, so it is hostile text where it is displayed. */
  readonly reason: string;
  /** What the rule looked at: the pattern that matched, or those that would have been allowed. */
  readonly evidence: Readonly<Record<string, string>>;
};
