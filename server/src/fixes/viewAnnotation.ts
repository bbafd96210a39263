import type { ViewAnnotation } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { type Asked, filtersProblem, savedByAll, usesWords, writeAnnotations } from "./annotating.ts";
import type { FixContext, FixKind, Refusal } from "./change.ts";
import { type ClassTarget, classTarget } from "./classTarget.ts";
import { fillIn, oneLine, placeholder } from "./longCall.ts";
import { templateUse } from "./templateUse.ts";
import { viewQuerysetEdits } from "./viewQuerysetEdits.ts";

/** What a template asks each row of a generic view that only names its model, as an annotation of a queryset that the view is given. */
export const viewAnnotation: FixKind<ViewAnnotation> = {
  isSafe: false,

  change(remedies, context) {
    const [{ chain: place, related }] = remedies;
    const target = classTarget(place, [{ how: "prefetch_related", path: related.prefetch }], context);
    if ("reason" in target) return target;
    const { file, body, roots } = target;
    const asked: Asked[] = [];
    for (const remedy of remedies) {
      const each = askedBy(remedy, target, context);
      if ("reason" in each) return each;
      asked.push(each);
    }
    const annotated = {
      file,
      path: place.path,
      model: related.model,
      calls: [],
      related: remedies.map((each) => each.related),
    };
    const written = writeAnnotations(asked, annotated, roots, factsOf(context.reader).schema, context);
    if ("reason" in written) return written;
    const title = `annotate(${written.args.map(oneLine).join(", ")})`;
    const edits = viewQuerysetEdits(target, place, related.model, `.annotate(${placeholder})`, title, context);
    if (edits === null)
      return { reason: `The body of ${body.name} in ${place.path} stands in one line: add ${title} by hand.` };
    if ("reason" in edits) return edits;
    return {
      title: `Add ${title} to ${body.name} in ${place.path} and read it in ${usesWords(remedies)}`,
      safety: "changes-behaviour",
      edits: [...fillIn(file, edits, written.args).map((edit) => ({ file: place.path, ...edit })), ...written.uses],
      imports: [written.imports],
      effect: savedByAll(remedies, roots, context),
    };
  },

  wish: (remedies) =>
    `Count or ask with the list: ${[...new Set(remedies.map(({ related }) => related.accessor))].join(", ")}`,
};

function askedBy({ use, related }: ViewAnnotation, { file, roots }: ClassTarget, context: FixContext): Asked | Refusal {
  const { schema } = factsOf(context.reader);
  const found = templateUse(use, related, file, roots, schema, context);
  if ("reason" in found) return found;
  return (
    filtersProblem(found.annotation, schema.model(related.target)?.defaultManagerFilters ?? true, related.target) ??
    found
  );
}
