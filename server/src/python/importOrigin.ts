import type { PythonFile } from "./pythonFile.ts";
import { childByField, type SyntaxNode } from "./syntax.ts";

/**
 * What a dotted name of the module means by its imports: `django.views.generic.ListView` for `generic.ListView` behind
 * `from django.views import generic`. Null where no import at the module's top binds its first part, or a relative one does.
 */
export function originOf(file: PythonFile, dotted: string): string | null {
  const [first = "", ...rest] = dotted.split(".");
  for (const node of file.root.children) {
    const origin = importedAs(file, node, first);
    if (origin !== null) return [origin, ...rest].join(".");
  }
  return null;
}

/** What an import statement binds the name to. */
function importedAs(file: PythonFile, node: SyntaxNode, name: string): string | null {
  const isFrom = node.type === "import_from_statement";
  if (!isFrom && node.type !== "import_statement") return null;
  const module = isFrom ? textOf(file, childByField(node, "module_name")) : "";
  if (module.startsWith(".")) return null;
  for (const imported of node.children.filter(({ field }) => field === "name")) {
    const own = textOf(file, childByField(imported, "name") ?? imported);
    const alias = childByField(imported, "alias");
    // `import a.b` binds `a`.
    const bound = alias === null ? (isFrom ? own : (own.split(".")[0] ?? own)) : textOf(file, alias);
    if (bound !== name) continue;
    if (isFrom) return `${module}.${own}`;
    return alias === null ? bound : own;
  }
  return null;
}

function textOf(file: PythonFile, node: SyntaxNode | null): string {
  return node === null ? "" : file.text.slice(node.start, node.end).replace(/\s+/g, "");
}
