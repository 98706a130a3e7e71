/** Whether a container agent's version (`1.7.0`, `v1.89.1`) is at least another; one that cannot be read is older. */
export function agentIsAtLeast(version: string, least: string): boolean {
  const [is, wanted] = [numbers(version), numbers(least)];
  for (const [index, number] of wanted.entries()) {
    const own = is[index] ?? -1;
    if (own !== number) return own > number;
  }
  return true;
}

function numbers(version: string): readonly number[] {
  const [, text = ""] = /^v?(\d{1,9}(?:\.\d{1,9}){0,2})/.exec(version) ?? [];
  return text === "" ? [] : text.split(".").map(Number);
}
