import type { Edit } from "../text/edits.ts";
import type { Position } from "../text/range.ts";
import type { PythonFile } from "./pythonFile.ts";
import { childByField, isTrivia, type SyntaxNode } from "./syntax.ts";

/** A name of a module: `Prefetch` of `django.db.models`. */
export interface Importable {
  readonly module: string;
  readonly name: string;
}

/** How a file refers to what it needs, and the edits of its imports that this takes. */
export interface Imported {
  /** What to write for each, in the order asked for: `Prefetch`, `models.Prefetch`, `P`. */
  readonly written: readonly string[];
  readonly edits: readonly Edit[];
  /** Modules that the file does not import yet. */
  readonly newModules: readonly string[];
}

/** Black's and ruff's; a longer list of names goes on lines of its own. */
const lineLength = 88;

/**
 * Makes names of other modules usable in the file: by what it imports already, in whatever form, else by one more import at its top, in the
 * order and layout of those that are there. Imports within functions and conditions (`TYPE_CHECKING`) do not count.
 *
 * @param path of the file, relative to the project: what its relative imports are relative to
 * @returns the name that already means something else there, where one does
 */
export function importInto(
  file: PythonFile,
  path: string,
  wanted: readonly Importable[],
): Imported | { readonly taken: string } {
  const imports = importsOf(file, path);
  const written: string[] = [];
  const missing = new Map<string, string[]>();
  for (const { module, name } of wanted) {
    const known = knownAs(imports, module, name) ?? (definesIt(file, path, module, name) ? name : null);
    const isAwaited = missing.get(module)?.includes(name) ?? false;
    written.push(known ?? name);
    if (known !== null || isAwaited) continue;
    const isOthers = [...missing].some(([other, names]) => other !== module && names.includes(name));
    if (isOthers || bindsName(file, name)) return { taken: name };
    missing.set(module, [...(missing.get(module) ?? []), name]);
  }
  const edits = [...missing].map(([module, names]) => {
    const statement = imports.find((each) => each.from && !each.isWildcard && isModule(each.module, module));
    return statement === undefined
      ? newStatement(file, path, imports, module, names)
      : extended(file, statement, names);
  });
  const newModules = [...missing.keys()].filter((module) => !imports.some((each) => mentions(each, module)));
  return { written, edits, newModules };
}

/** Whether the file imports anything of the module when it is itself imported. */
export function importsModule(file: PythonFile, path: string, module: string): boolean {
  return importsOf(file, path).some((each) => mentions(each, module));
}

/** `blog.views` for `blog/views.py`, `blog` for `blog/__init__.py`. */
export function moduleOf(path: string): string {
  return path
    .replace(/\.py$/, "")
    .replace(/\/__init__$/, "")
    .replaceAll("/", ".");
}

interface ImportedAs {
  readonly name: string;
  readonly local: string;
  readonly node: SyntaxNode;
}

interface ImportStatement {
  readonly node: SyntaxNode;
  readonly from: boolean;
  /** Of `from module import …`, relative ones resolved; "" for `import …`. */
  readonly module: string;
  readonly isRelative: boolean;
  readonly isWildcard: boolean;
  readonly names: readonly ImportedAs[];
}

function importsOf(file: PythonFile, path: string): readonly ImportStatement[] {
  const text = (node: SyntaxNode) => file.text.slice(node.start, node.end).replace(/\s+/g, "");
  return file.root.children.flatMap((node): ImportStatement[] => {
    const from = node.type === "import_from_statement" || node.type === "future_import_statement";
    if (!from && node.type !== "import_statement") return [];
    const origin = childByField(node, "module_name");
    const isRelative = origin?.type === "relative_import";
    const names = node.children
      .filter((child) => child.field === "name")
      .map((child): ImportedAs => {
        const name = childByField(child, "name") ?? child;
        const alias = childByField(child, "alias");
        return { name: text(name), local: text(alias ?? name), node: child };
      });
    const written = origin === null ? "__future__" : text(origin);
    const module = !from ? "" : isRelative ? absolute(written, path) : written;
    const isWildcard = node.children.some(({ type }) => type === "wildcard_import");
    return [{ node, from, module, isRelative, isWildcard, names }];
  });
}

/** `.models` in `blog/views.py` is `blog.models`. */
function absolute(relative: string, path: string): string {
  const level = /^\.+/.exec(relative)?.[0].length ?? 0;
  const folders = path.split("/").slice(0, -1);
  const base = folders.slice(0, Math.max(0, folders.length - level + 1));
  return [...base, relative.slice(level)].filter((part) => part !== "").join(".");
}

/** What relative imports resolve to carries folders above the import root: `src.blog.models`. */
function isModule(resolved: string, module: string): boolean {
  return resolved === module || resolved.endsWith(`.${module}`);
}

function mentions({ from, module: origin, names }: ImportStatement, module: string): boolean {
  if (from && isModule(origin, module)) return true;
  return names.some(({ name }) => isModule(from ? `${origin}.${name}` : name, module));
}

function knownAs(imports: readonly ImportStatement[], module: string, name: string): string | null {
  const froms = imports.filter(({ from }) => from);
  for (const { module: origin, names } of froms) {
    const found = isModule(origin, module) ? names.find((each) => each.name === name) : undefined;
    if (found !== undefined) return found.local;
  }
  // One more name in a list that is there reads better than `models.Count` beside it.
  if (froms.some(({ module: origin, isWildcard }) => !isWildcard && isModule(origin, module))) return null;
  for (const { from, module: origin, names } of imports) {
    const found = names.find((each) => isModule(from ? `${origin}.${each.name}` : each.name, module));
    if (found !== undefined) return `${found.local}.${name}`;
  }
  return null;
}

/** The module is the file itself, and its class of that name stands there. */
function definesIt(file: PythonFile, path: string, module: string, name: string): boolean {
  return (
    isModule(moduleOf(path), module) && file.definitions.some((each) => each.kind === "class" && each.qualname === name)
  );
}

/** Whether anything in the file has that name but as an attribute or a keyword. */
function bindsName(file: PythonFile, name: string): boolean {
  return file.text.includes(name) && namedNodes(file.root, file.text, name);
}

function namedNodes(root: SyntaxNode, text: string, name: string): boolean {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const isName = node.type === "identifier" && text.slice(node.start, node.end) === name;
    if (isName && node.field !== "attribute" && !(node.parent?.type === "keyword_argument" && node.field === "name"))
      return true;
    waiting.push(...node.children);
  }
  return false;
}

/** The names put into the statement's list, in its order where it has one. */
function extended(file: PythonFile, { node, names: present }: ImportStatement, added: readonly string[]): Edit {
  const list = present.map(({ node: each }) => file.text.slice(each.start, each.end));
  const isSorted = list.every((each, index) => index === 0 || compareNames(list[index - 1] ?? "", each) <= 0);
  const merged = [...list, ...added];
  if (isSorted) merged.sort(compareNames);
  const first = present[0]?.node;
  const last = present.at(-1)?.node;
  const start = first?.start ?? node.end;
  const end = last?.end ?? node.end;
  const indent = lineIndent(file, start);
  const isBracketed = node.children.some(({ type }) => type === "(");
  const hasComments = node.children.some(isTrivia);
  if (hasComments && last !== undefined) {
    const comma = isBracketed && indent !== null ? `,${lineEnd(file)}${indent}` : ", ";
    return replacement(file, last.end, last.end, comma + added.join(comma));
  }
  const separator = isBracketed && indent !== null ? `,${lineEnd(file)}${indent}` : ", ";
  const text = merged.join(separator);
  const { line, character } = file.lines.positionAt(start);
  const isLong = !isBracketed && character + text.length > lineLength && !file.lines.lineText(line).includes("\\");
  if (!isLong) return replacement(file, start, end, text);
  const lines = merged.map((each) => `    ${each},${lineEnd(file)}`).join("");
  return replacement(file, start, end, `(${lineEnd(file)}${lines})`);
}

/** As isort and ruff have it: constants, classes, then everything else. */
function compareNames(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(name: string): number {
  if (/^[A-Z][A-Z0-9_]+\b/.test(name)) return 0;
  return /^[A-Z]/.test(name) ? 1 : 2;
}

function newStatement(
  file: PythonFile,
  path: string,
  imports: readonly ImportStatement[],
  module: string,
  names: readonly string[],
): Edit {
  const text = `from ${module} import ${[...names].sort(compareNames).join(", ")}${lineEnd(file)}`;
  const top = topOf(module);
  const isDjango = top === "django";
  const own = imports.filter((each) => each.from && !each.isRelative && topOf(each.module) === top);
  const next = own.find((each) => each.module > module);
  if (next !== undefined) return insertion(file.lines.positionAt(next.node.start), text);
  const previous = own.at(-1);
  if (previous !== undefined) return insertion(lineBehind(file, previous.node), text);
  const local = imports.find((each) => sectionOf(each, path) === "own");
  if (local !== undefined && isDjango) {
    return insertion(file.lines.positionAt(local.node.start), text + lineEnd(file));
  }
  const last = imports.at(-1);
  if (last !== undefined) {
    const section = sectionOf(last, path);
    const joinsSection = isDjango
      ? section === "others"
      : section === "own" || (section === "others" && topOfAny(last) !== "django");
    return insertion(lineBehind(file, last.node), (joinsSection ? "" : lineEnd(file)) + text);
  }
  return insertion(startOfCode(file), `${text}${lineEnd(file)}${lineEnd(file)}`);
}

/** Modules of Python itself that Django code imports most: their section stands above Django's. */
const standard: ReadonlySet<string> = new Set(
  "__future__ abc argparse asyncio base64 calendar collections contextlib copy csv dataclasses datetime decimal email enum functools hashlib hmac html http importlib inspect io itertools json logging math mimetypes operator os pathlib pickle random re secrets shutil socket statistics string subprocess sys tempfile textwrap threading time traceback types typing unicodedata unittest urllib uuid warnings zipfile zoneinfo".split(
    " ",
  ),
);

function sectionOf(statement: ImportStatement, path: string): "standard" | "others" | "own" {
  const top = topOfAny(statement);
  if (statement.isRelative || path.split("/").includes(top)) return "own";
  return standard.has(top) ? "standard" : "others";
}

function topOfAny({ from, module, names }: ImportStatement): string {
  return topOf(from ? module : (names[0]?.name ?? ""));
}

function topOf(module: string): string {
  return module.split(".", 1)[0] ?? module;
}

function lineBehind(file: PythonFile, node: SyntaxNode): Position {
  const { line } = file.lines.positionAt(node.end);
  return { line: line + 1, character: 0 };
}

/** Behind the module's docstring and the comments above its first statement. */
function startOfCode(file: PythonFile): Position {
  const [first, second] = file.root.children.filter((node) => !isTrivia(node));
  const isDocstring = first?.type === "expression_statement" && first.children[0]?.type === "string";
  const statement = isDocstring ? second : first;
  return statement === undefined
    ? { line: file.lines.lineCount, character: 0 }
    : file.lines.positionAt(statement.start);
}

function lineIndent(file: PythonFile, offset: number): string | null {
  const { line, character } = file.lines.positionAt(offset);
  const before = file.lines.lineText(line).slice(0, character);
  return /^\s+$/.test(before) ? before : null;
}

function lineEnd(file: PythonFile): string {
  return file.lines.lineEnding(0) || "\n";
}

function insertion(position: Position, newText: string): Edit {
  return { range: { start: position, end: position }, newText };
}

function replacement(file: PythonFile, start: number, end: number, newText: string): Edit {
  return { range: file.lines.rangeAt(start, end), newText };
}
