import type { ChainFacts, ClassFacts, ModuleFacts } from "./moduleFacts.ts";

/** Where modules are found: paths are relative to the project and POSIX. */
export interface ModuleSource {
  /** Null where there is no such file, or it cannot be read. */
  facts(path: string): ModuleFacts | null;
}

/** A class of the project's own. */
export interface ClassRef {
  readonly kind: "class";
  readonly path: string;
  readonly facts: ClassFacts;
}

/** One of a library, by its dotted name: `django.db.models.Model`. */
export interface External {
  readonly kind: "external";
  readonly name: string;
}

/** A function of the project's own. */
export interface FunctionRef {
  readonly kind: "function";
  readonly path: string;
  readonly name: string;
  readonly returns: readonly ChainFacts[] | null;
}

export type Resolved = ClassRef | FunctionRef | External;

/** Re-exports of re-exports: more of them than any project has end what goes in circles. */
const deepest = 12;

/** Follows names from module to module, each read when it is first asked for. Nothing is looked for that no import leads to. */
export class Modules {
  readonly #source: ModuleSource;
  readonly #paths = new Map<string, string | null>();
  readonly #roots = new Map<string, readonly string[]>();

  constructor(source: ModuleSource) {
    this.#source = source;
  }

  facts(path: string): ModuleFacts | null {
    return this.#source.facts(path);
  }

  /** What a dotted name means in a module; null where that cannot be told. */
  resolve(path: string, dotted: string, depth = 0): Resolved | null {
    const facts = this.facts(path);
    if (facts === null || depth > deepest || !/^[\w.]+$/.test(dotted)) return null;
    const [first = "", ...rest] = dotted.split(".");
    const own = facts.classes.get(first);
    if (own !== undefined) return rest.length === 0 ? { kind: "class", path, facts: own } : null;
    const returns = facts.functions.get(first);
    if (returns !== undefined) return rest.length === 0 ? { kind: "function", path, name: first, returns } : null;
    if (facts.values.has(first)) return null;
    const imported = facts.imports.get(first);
    if (imported !== undefined) {
      const names = imported.name === null ? rest : [imported.name, ...rest];
      return this.#inModule(path, imported.module, names, depth);
    }
    for (const module of facts.wildcards) {
      const target = this.modulePath(path, module);
      const found = target === null ? null : this.resolve(target, dotted, depth + 1);
      if (found !== null) return found;
    }
    return null;
  }

  /** The file of a module as an import names it there; null for a library's. */
  modulePath(from: string, module: string): string | null {
    const folder = folderOf(from);
    const key = `${folder} ${module}`;
    let found = this.#paths.get(key);
    if (found === undefined) {
      found = module.startsWith(".") ? this.#relative(folder, module) : this.#absolute(folder, module);
      this.#paths.set(key, found);
    }
    return found;
  }

  /** The folders that absolute imports of a file can start from, outermost first: those around it that are no packages. */
  rootsOf(folder: string): readonly string[] {
    let roots = this.#roots.get(folder);
    if (roots === undefined) {
      const parts = folder === "" ? [] : folder.split("/");
      const around = Array.from({ length: parts.length + 1 }, (_, length) => parts.slice(0, length).join("/"));
      roots = around.filter((each) => this.facts(joined(each, "__init__.py")) === null);
      this.#roots.set(folder, roots);
    }
    return roots;
  }

  #inModule(from: string, module: string, names: readonly string[], depth: number): Resolved | null {
    const target = this.modulePath(from, module);
    const [first, ...rest] = names;
    if (first === undefined) return null;
    if (target !== null) {
      const found = this.resolve(target, names.join("."), depth + 1);
      if (found !== null) return found;
    }
    // `from shop import models`, `import shop.models`
    const inner = `${module}${/^\.+$/.test(module) ? "" : "."}${first}`;
    const submodule = rest.length === 0 ? null : this.modulePath(from, inner);
    if (submodule !== null) return this.#inModule(from, inner, rest, depth + 1);
    const isOwn = target !== null || module.startsWith(".");
    return isOwn || depth > deepest ? null : { kind: "external", name: [module, ...names].join(".") };
  }

  #relative(folder: string, module: string): string | null {
    const level = /^\.+/.exec(module)?.[0].length ?? 1;
    const parts = folder === "" ? [] : folder.split("/");
    if (level - 1 > parts.length) return null;
    const base = parts.slice(0, parts.length - level + 1).join("/");
    return this.#fileAt(base, module.slice(level));
  }

  #absolute(folder: string, module: string): string | null {
    for (const root of this.rootsOf(folder)) {
      const found = this.#fileAt(root, module);
      if (found !== null) return found;
    }
    return null;
  }

  #fileAt(base: string, module: string): string | null {
    const stem = joined(base, module.replaceAll(".", "/"));
    const files = module === "" ? [] : [`${stem}.py`];
    return [...files, joined(stem, "__init__.py")].find((path) => this.facts(path) !== null) ?? null;
  }
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
