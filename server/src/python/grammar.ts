import type { Language } from "web-tree-sitter";

/** What a grammar says of its nodes' types and fields, by their ids. Asked for once: each question is a call into WebAssembly. */
export interface Grammar {
  /** The last one is `ERROR`, whose id in tree-sitter is 65,535. */
  readonly types: readonly string[];
  /** False for keywords, operators and brackets. */
  readonly named: readonly boolean[];
  /** The first is no field. */
  readonly fields: readonly (string | null)[];
}

export function grammarOf(language: Language): Grammar {
  const types = Array.from({ length: language.nodeTypeCount }, (_, id) => language.nodeTypeForId(id) ?? "");
  return {
    types: [...types, "ERROR"],
    named: [...types.map((_, id) => language.nodeTypeIsNamed(id)), true],
    fields: Array.from({ length: language.fieldCount + 1 }, (_, id) => language.fieldNameForId(id)),
  };
}

/** For each type's id 1 if it is one of them, else 0; made once for each set. */
export function membership(grammar: Grammar, types: ReadonlySet<string>): Uint8Array {
  let known = memberships.get(types);
  if (known?.grammar !== grammar) {
    known = { grammar, ids: Uint8Array.from(grammar.types, (type) => (types.has(type) ? 1 : 0)) };
    memberships.set(types, known);
  }
  return known.ids;
}

const memberships = new WeakMap<ReadonlySet<string>, { readonly grammar: Grammar; readonly ids: Uint8Array }>();
