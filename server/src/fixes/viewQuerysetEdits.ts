import type { Place } from "../correlate/correlation.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { type ClassBody, type Member, memberNamed } from "../python/classBody.ts";
import { addAttribute, addMethod } from "../python/classEdits.ts";
import { originOf } from "../python/importOrigin.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import type { FixContext, Refusal } from "./change.ts";
import type { ClassTarget } from "./classTarget.ts";

/**
 * A queryset for a generic view that only names its model: `model = Order` becomes `queryset = Order.objects.select_related(…)`, which is what it is
 * short for (Django's "Class-based views", `MultipleObjectMixin.get_queryset`). Where something else reads the model it stays. Where it is inherited, or
 * its manager has a `get_queryset`, the view gets a `get_queryset` of its own, which goes on with what Django gives.
 *
 * @param calls `.select_related("customer")`
 * @param what the same in words, for a reason
 * @returns null where the class has no place for it
 */
export function viewQuerysetEdits(
  { file, body }: Pick<ClassTarget, "file" | "body">,
  place: Place,
  model: string,
  calls: string,
  what: string,
  context: FixContext,
): readonly Edit[] | Refusal | null {
  const there = memberNamed(body, "queryset", "get_queryset");
  if (there !== null)
    return { reason: `${body.name} in ${place.path} has its ${there.name} by now: record the tests again.` };
  const { schema } = factsOf(context.reader);
  // What a manager leaves out it may decide anew for each request: a queryset of the class is made once.
  const isFixed = schema.model(model)?.defaultManagerFilters === false;
  const own = isFixed ? memberNamed(body, "model") : null;
  const name = own === null ? null : modelNamedBy(file, own);
  if (own !== null && name === null)
    return {
      reason: `${body.name} in ${place.path} does not name its model: give it a queryset with ${what}.`,
    };
  return own === null
    ? addMethod(file, body, ["def get_queryset(self):", `return super().get_queryset()${calls}`])
    : withQueryset(
        file,
        body,
        own,
        `queryset = ${name}.${schema.managerName(model)}${calls}`,
        place.site.column !== null,
      );
}

/** @param isAlone no other class is derived from this one, which could read the model */
function withQueryset(
  file: PythonFile,
  body: ClassBody,
  own: Member,
  text: string,
  isAlone: boolean,
): readonly Edit[] | null {
  return isAlone && isPlain(file, own) && !readsModel(file, body)
    ? [{ range: own.range, newText: text }]
    : addAttribute(file, body, text, own);
}

/** `Order`, `models.Order`, `get_user_model()`; null for anything else, and for what may stand for something else a line below. */
function modelNamedBy(file: PythonFile, { value }: Member): string | null {
  const text = value === null ? "" : file.text.slice(value.start, value.end);
  return /^(\w+\.)*\w+$|^get_user_model\(\)$/.test(text) ? text : null;
}

/** `model = Order`, without an annotation or a second name. */
function isPlain(file: PythonFile, { range, value }: Member): boolean {
  const start = file.lines.offsetAt(range.start);
  return value !== null && /^model\s*=\s*$/.test(file.text.slice(start, value.start));
}

/** Django's own views and what is mixed into them ask the queryset too, where there is no model. */
const asksQueryset = /^django\.(views\.generic|contrib\.auth\.mixins|contrib\.messages\.views)\./;

/** Of other base classes nothing is known of what they do with `self.model`. */
function readsModel(file: PythonFile, { bases, range, name }: ClassBody): boolean {
  const text = file.text.slice(file.lines.offsetAt(range.start), file.lines.offsetAt(range.end));
  const isRead = /\.\s*model\b|["']model["']/.test(text) || new RegExp(`\\b${name}\\.model\\b`).test(file.text);
  return isRead || !bases.every((base) => asksQueryset.test(originOf(file, base) ?? ""));
}
