import type { Rule, RuleState, Target } from "./rule.ts";

/** The rules of all buses, as the stacks declare them and as calls have made and changed them since. */
export class RuleBook {
  readonly #declared: readonly Rule[];
  readonly #listeners: (() => void)[] = [];
  #saved: Promise<void> = Promise.resolve();
  #rules: ReadonlyMap<string, Rule> = new Map();
  #enabled: ReadonlyMap<string, readonly Rule[]> = new Map();

  constructor(declared: readonly Rule[]) {
    this.#declared = declared;
    this.restore();
  }

  find(arn: string): Rule | undefined {
    return this.#rules.get(arn);
  }

  all(): readonly Rule[] {
    return [...this.#rules.values()];
  }

  /** Those of a bus that are not disabled. */
  enabledOn(busArn: string): readonly Rule[] {
    return this.#enabled.get(busArn) ?? [];
  }

  /** Whether a stack declares it: the next start makes it as the stack says. */
  isDeclared(arn: string): boolean {
    return this.#declared.some((rule) => rule.arn === arn);
  }

  /** Called after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Saves after every change from now on. */
  keepWith(save: () => Promise<void>): void {
    this.onChange(() => {
      this.#saved = save();
      // Whoever made the change waits for it, and hears when it failed.
      this.#saved.catch(() => undefined);
    });
  }

  /** Resolves when the last change is on the disk. */
  saved(): Promise<void> {
    return this.#saved;
  }

  /** Adds a rule, or replaces the one of its ARN. */
  put(rule: Rule): void {
    this.#keep([...new Map([...this.#rules, [rule.arn, rule]]).values()]);
  }

  setState(arn: string, state: RuleState): void {
    this.#change(arn, (rule) => ({ ...rule, state }));
  }

  /** Adds targets, and replaces those of the same ids. */
  putTargets(arn: string, targets: readonly Target[]): void {
    const change = (rule: Rule) => [
      ...new Map([...rule.targets, ...targets].map((one) => [one.id, one])).values(),
    ];
    this.#change(arn, (rule) => ({ ...rule, targets: change(rule) }));
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
    for (const listener of this.#listeners) listener();
  }
}
