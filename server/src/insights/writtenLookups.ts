import type { ExpressionCalls } from "./expressionCalls.ts";
import type { EagerLookup } from "./finding.ts";
import type { WrittenCall, WrittenChain } from "./ports.ts";

/** A relation that an expression names to be loaded along. */
export interface WrittenLookup extends EagerLookup {
  readonly chain: WrittenChain;
  readonly call: WrittenCall;
  /** Its place among the call's arguments. */
  readonly index: number;
  /** By a `Prefetch` object, with a queryset of its own. */
  readonly byObject: boolean;
}

export interface WrittenLookups {
  readonly lookups: readonly WrittenLookup[];
  /** Some of what is given to the method cannot be read: `*RELATED`, a variable. */
  readonly hidden: ReadonlySet<EagerLookup["how"]>;
}

const object = /^(?:\w+\.)*(?:Generic)?Prefetch\(\s*(?:lookup\s*=\s*)?(["'])(\w+)\1/;

/** The lookups that count: `select_related(None)` takes back all before it. What is loaded to an attribute of its own is left out. */
export function writtenLookups(expressions: readonly ExpressionCalls[]): WrittenLookups {
  const lookups: WrittenLookup[] = [];
  const hidden = new Set<EagerLookup["how"]>();
  for (const { chain, calls } of expressions) {
    for (const how of ["select_related", "prefetch_related"] as const) {
      const named = calls.filter(({ name }) => name === how);
      const reset = named.findLastIndex(({ arguments: args }) => args.length === 1 && args[0]?.text === "None");
      for (const call of named.slice(reset + 1)) {
        for (const [index, { text, stringValue }] of call.arguments.entries()) {
          const path = stringValue ?? (how === "prefetch_related" ? object.exec(text)?.[2] : undefined);
          if (path === undefined) hidden.add(how);
          else if (!/\bto_attr\b/.test(stringValue === null ? text : ""))
            lookups.push({ how, path, chain, call, index, byObject: stringValue === null });
        }
      }
    }
  }
  return { lookups, hidden };
}
