import type { Schema } from "../insights/schema.ts";
import type { Call } from "../python/chains.ts";
import type { Model } from "../trace/model.ts";
import type { FixContext, Refusal } from "./change.ts";

/**
 * Whether rows of the model can take an attribute of that name: Django refuses a field's name, and a property or method would be hidden or
 * refuse it. Null where they can.
 *
 * @param calls of the queryset, which may give it already
 */
export function takenName(
  name: string,
  label: string,
  calls: readonly Call[],
  schema: Schema,
  context: FixContext,
): Refusal | null {
  const model = label.slice(label.lastIndexOf(".") + 1);
  const isGiven = calls.some(
    (call) => /^(annotate|alias)$/.test(call.name) && call.arguments.some(({ keyword }) => keyword === name),
  );
  if (isGiven) return { reason: `The queryset gives its rows ${name} already: read that.` };
  if (schema.isTaken(label, name)) return { reason: `${model} has a field ${name} already: choose another name.` };
  const place = definedIn(schema.model(label), schema, context).find(({ text }) =>
    new RegExp(`\\b${name}\\b`).test(text),
  );
  return place === undefined
    ? null
    : { reason: `${place.path} speaks of ${name} already: see whether that serves, or choose another name.` };
}

/** The texts of the model's module and of those that it inherits from, as far as they can be read. */
function definedIn(
  model: Model | null,
  schema: Schema,
  { correlator }: FixContext,
): readonly { readonly path: string; readonly text: string }[] {
  if (model === null) return [];
  const bases = model.abstractBases.map((base) => `${base.split(".").slice(0, -1).join("/")}.py`);
  const parents = [...model.parents, ...(model.proxyFor === null ? [] : [model.proxyFor])];
  const files = [model.file, ...parents.map((label) => schema.model(label)?.file ?? null), ...bases];
  return [...new Set(files)].flatMap((path) => {
    const text = path === null ? undefined : correlator.pythonFile(path)?.text;
    return path === null || text === undefined ? [] : [{ path, text }];
  });
}
