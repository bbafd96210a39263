import type { Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { childByField, type SyntaxNode } from "../python/syntax.ts";
import { functionAround, textOf, variablesIn } from "../python/variables.ts";

/** What takes querysets of the same columns only (`QuerySet.union` and its like; Django's compiler gives each part its own). */
const combining: ReadonlySet<string> = new Set(["union", "intersection", "difference"]);
/** What groups or names the columns anew, and would find other ones, or rows that a join multiplied. */
const regrouping: ReadonlySet<string> = new Set([
  ...["values", "values_list", "dates", "datetimes"],
  ...["annotate", "alias", "aggregate", "aaggregate", "update", "aupdate"],
]);

/** Why the variable that a queryset is kept in takes no further columns, for what else is done with it; null where nothing speaks against it. */
export function takesNoColumns(file: PythonFile, chain: Chain): string | null {
  const use = laterCall(file, chain, combining);
  return use === null
    ? null
    : `${use.name} goes into ${use.call}() too, which wants the same columns of both querysets: change them together by hand.`;
}

/** The same of an annotation, which groups the rows. */
export function takesNoAnnotation(file: PythonFile, chain: Chain): string | null {
  const columns = takesNoColumns(file, chain);
  if (columns !== null) return columns;
  const use = laterCall(file, chain, regrouping);
  return use === null
    ? null
    : `${use.name}.${use.call}() there would see the annotation and its join: annotate a queryset of its own by hand.`;
}

function laterCall(file: PythonFile, { target, node }: Chain, names: ReadonlySet<string>) {
  const around = functionAround(node);
  if (target === null) return null;
  for (const chain of file.chainsIn(file.lines.rangeAt(around.start, around.end))) {
    if (chain.node === node) continue;
    const call = chain.calls.find(({ name }) => names.has(name));
    if (call === undefined) continue;
    if (chain.root === target.text) return { name: target.text, call: call.name };
    const isGiven = variablesIn(chain.node, target.text, file.text).some((each) => names.has(givenTo(each, file.text)));
    if (isGiven && combining.has(call.name)) return { name: target.text, call: call.name };
  }
  return null;
}

/** `union` of `others.union(authors)`; "" for anything else. */
function givenTo({ parent }: SyntaxNode, text: string): string {
  const call = parent?.type === "argument_list" ? parent.parent : null;
  const called = call === null ? null : childByField(call, "function");
  const name = called?.type === "attribute" ? childByField(called, "attribute") : null;
  return name === null ? "" : textOf(name, text);
}
