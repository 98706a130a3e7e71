/** Parameters by name: text, lists and structures. */
export type FormValue = string | readonly FormValue[] | { readonly [name: string]: FormValue };

type Node = { text?: string; readonly children: Map<string, Node> };

/** Of every service of the Query protocol, and the signature of a presigned request. */
const envelope = /^(Action|Version|X-Amz-.*)$/;

/** Reads `Tags.member.1.Key=team&RoleName=web` of the AWS Query protocol as `{ Tags: [{ Key: "team" }], RoleName: "web" }`. */
export function readQueryForm(form: URLSearchParams): FormValue {
  const root: Node = { children: new Map() };
  for (const [name, text] of form) if (!envelope.test(name)) put(root, name.split("."), text);
  return root.children.size === 0 ? {} : formValue(root);
}

function put(root: Node, path: readonly string[], text: string): void {
  let node = root;
  for (const part of path) {
    const child = node.children.get(part) ?? { children: new Map() };
    node.children.set(part, child);
    node = child;
  }
  node.text = text;
}

function formValue({ text, children }: Node): FormValue {
  if (children.size === 0) return text ?? "";
  const members = children.get("member");
  if (members && children.size === 1)
    return [...members.children]
      .toSorted(([left], [right]) => Number(left) - Number(right))
      .map(([, member]) => formValue(member));
  return Object.fromEntries([...children].map(([name, child]) => [name, formValue(child)]));
}
