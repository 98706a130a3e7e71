import type { Rule, RuleState } from "./rule.ts";

/** The rules of all buses, as the stacks declare them and as calls have changed them since. */
export class RuleBook {
  readonly #declared: readonly Rule[];
  #rules: ReadonlyMap<string, Rule> = new Map();
  #enabled: ReadonlyMap<string, readonly Rule[]> = new Map();

  constructor(declared: readonly Rule[]) {
    this.#declared = declared;
    this.restore();
  }

  find(arn: string): Rule | undefined {
    return this.#rules.get(arn);
  }

  /** Those of a bus that are not disabled. */
  enabledOn(busArn: string): readonly Rule[] {
    return this.#enabled.get(busArn) ?? [];
  }

  setState(arn: string, state: RuleState): void {
    this.#change(arn, (rule) => ({ ...rule, state }));
  }

  removeTargets(arn: string, ids: readonly string[]): void {
    this.#change(arn, (rule) => ({ ...rule, targets: rule.targets.filter(({ id }) => !ids.includes(id)) }));
  }

  delete(arn: string): void {
    this.#change(arn, () => undefined);
  }

  /** As the stacks say. */
  restore(): void {
    this.#keep(this.#declared);
  }

  #change(arn: string, change: (rule: Rule) => Rule | undefined): void {
    this.#keep([...this.#rules.values()].flatMap((rule) => (rule.arn === arn ? (change(rule) ?? []) : rule)));
  }

  #keep(rules: readonly Rule[]): void {
    this.#rules = new Map(rules.map((rule) => [rule.arn, rule]));
    const enabled = rules.filter(({ state }) => state !== "DISABLED");
    this.#enabled = Map.groupBy(enabled, (rule) => rule.busArn);
  }
}
