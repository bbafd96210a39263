import { childByField, type SyntaxNode } from "./syntax.ts";

const comprehensionNames: Readonly<Record<string, string>> = {
  list_comprehension: "<listcomp>",
  set_comprehension: "<setcomp>",
  dictionary_comprehension: "<dictcomp>",
  generator_expression: "<genexpr>",
};

/** The names that CPython gives to code objects (`co_qualname`), for the nodes of one text. */
export class Scopes {
  readonly #source: string;
  readonly #names = new Map<SyntaxNode, string>();

  constructor(source: string) {
    this.#source = source;
  }

  /**
   * The qualified name of the code that runs the node: `<module>`, `Class`, `Class.method`, `outer.<locals>.inner`, `f.<locals>.<lambda>`.
   * Python 3.12 and newer run list, set and dict comprehensions in their function's own frame; their names here are those of a frame of their own.
   */
  qualnameAround(node: SyntaxNode): string {
    const scope = enclosingScope(node);
    return scope === null ? "<module>" : this.#qualname(scope);
  }

  /** The qualified name of the code that a scope's own node (a definition, lambda or comprehension) makes. */
  #qualname(scope: SyntaxNode): string {
    const known = this.#names.get(scope);
    if (known !== undefined) return known;
    const name = this.qualnameOf(scope);
    this.#names.set(scope, name);
    return name;
  }

  qualnameOf(scope: SyntaxNode): string {
    const name = this.#ownName(scope);
    const outer = enclosingScope(scope);
    if (outer === null || this.#isGlobal(name, outer)) return name;
    return `${this.#qualname(outer)}${outer.type === "class_definition" ? "." : ".<locals>."}${name}`;
  }

  #ownName(scope: SyntaxNode): string {
    if (scope.type === "lambda") return "<lambda>";
    const comprehension = comprehensionNames[scope.type];
    if (comprehension !== undefined) return comprehension;
    const name = childByField(scope, "name");
    return name === null ? "" : this.#source.slice(name.start, name.end);
  }

  /** A definition under `global name` is a module's, as CPython's compiler has it. */
  #isGlobal(name: string, scope: SyntaxNode): boolean {
    const body = childByField(scope, "body");
    return (
      body?.children.some(
        (statement) =>
          statement.type === "global_statement" &&
          statement.children.some((child) => child.named && this.#source.slice(child.start, child.end) === name),
      ) ?? false
    );
  }
}

export function isComprehension({ type }: Pick<SyntaxNode, "type">): boolean {
  return comprehensionNames[type] !== undefined;
}

/**
 * The definition, lambda or comprehension whose code runs the node; null for a module's. What a definition evaluates when it is made
 * (decorators, defaults, annotations, bases) and a comprehension's first iterable belong to the code outside.
 */
function enclosingScope(node: SyntaxNode): SyntaxNode | null {
  let inner = node;
  let fromFirstIterable = false;
  for (let outer = node.parent; outer !== null; outer = outer.parent) {
    if (isComprehension(outer)) {
      if (!fromFirstIterable) return outer;
    } else if (outer.type === "function_definition" || outer.type === "class_definition" || outer.type === "lambda") {
      if (inner.field === "body") return outer;
    }
    fromFirstIterable = outer.type === "for_in_clause" && inner.field === "right" && isFirstClause(outer);
    inner = outer;
  }
  return null;
}

function isFirstClause(clause: SyntaxNode): boolean {
  return clause.parent?.children.find((child) => child.type === "for_in_clause") === clause;
}
