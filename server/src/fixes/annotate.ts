import type { Annotate } from "../insights/finding.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { insertCall } from "../python/chainEdits.ts";
import type { QueryRow } from "../trace/model.ts";
import { type Asked, filtersProblem, savedByAll, usesWords, writeAnnotations } from "./annotating.ts";
import { annotationOf } from "./annotation.ts";
import type { Change, FixContext, FixKind, Refusal } from "./change.ts";
import { takesNoAnnotation } from "./laterUse.ts";
import { fillIn, oneLine, placeholder } from "./longCall.ts";
import { movable } from "./movedCode.ts";
import { writtenObstacle } from "./obstacles.ts";
import { type QuerysetTarget, querysetTarget, rootsOf } from "./querysetTarget.ts";
import { rowUse } from "./rowUse.ts";
import { templateUse } from "./templateUse.ts";

/** What each row is asked of its related rows, as an annotation of the list; and the use of it. */
export const annotate: FixKind<Annotate> = {
  isSafe: false,

  change(remedies, context) {
    const [{ chain: queryset, builder, related }] = remedies;
    const { schema } = factsOf(context.reader);
    const lookups = [{ how: "prefetch_related", path: related.prefetch }] as const;
    const roots = rootsOf(context.reader, context.correlator, queryset, builder, lookups);
    const target = querysetTarget(queryset, builder, roots, schema, context);
    if ("reason" in target) return target;
    const obstacle =
      writtenObstacle(target.chain, target.part, []) ??
      annotationObstacle(target) ??
      takesNoAnnotation(target.file, target.chain);
    if (obstacle !== null) return { reason: obstacle };
    const asked: Asked[] = [];
    for (const remedy of remedies) {
      const each = askedBy(remedy, target, roots, schema, context);
      if ("reason" in each) return each;
      asked.push(each);
    }
    return changeOf(remedies, asked, target, roots, schema, context);
  },

  wish: (remedies) =>
    `Count or ask with the list: ${[...new Set(remedies.map(({ related }) => related.accessor))].join(", ")}`,
};

function askedBy(
  { chain: queryset, builder, use, related }: Annotate,
  target: QuerysetTarget,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): Asked | Refusal {
  const filters = schema.model(related.target)?.defaultManagerFilters ?? true;
  if (use.site.kind === "template") {
    const found = templateUse(use, related, target.file, roots, schema, context);
    if ("reason" in found) return found;
    const problem = filtersProblem(found.annotation, filters, related.target);
    return problem ?? found;
  }
  const found = rowUse(use, related, target, queryset, builder, roots, context);
  if ("reason" in found) return found;
  const stays = movable(found.calls, found, target);
  if (stays !== null) return stays;
  const annotation = annotationOf(found.calls, found.rest, related, schema, found.file, target.file);
  if ("reason" in annotation) return annotation;
  const problem = filtersProblem(annotation, filters, related.target);
  if (problem !== null) return problem;
  const range = { start: found.chain.range.start, end: annotation.end.end };
  const row = found.file.text.slice(found.row.start, found.row.end);
  return { annotation, uses: [{ file: found.path, range, newText: `${row}.${annotation.name}` }] };
}

function annotationObstacle({ part }: QuerysetTarget): string | null {
  const distinct = part.calls.find(({ name, arguments: args }) => name === "distinct" && args.length > 0);
  if (distinct !== undefined) return "Django allows no annotate() together with distinct() on certain columns.";
  return part.calls.some(({ name }) => name === "extra" || name === "select_for_update")
    ? "A locked queryset, or one with extra(), takes no grouping: ask in a query of its own."
    : null;
}

function changeOf(
  remedies: readonly [Annotate, ...Annotate[]],
  asked: readonly Asked[],
  target: QuerysetTarget,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): Change | Refusal {
  const [{ chain: queryset, related }] = remedies;
  const place = { file: target.file, path: queryset.path, model: related.model, calls: target.part.calls };
  const written = writeAnnotations(
    asked,
    { ...place, related: remedies.map(({ related }) => related) },
    roots,
    schema,
    context,
  );
  if ("reason" in written) return written;
  const call = insertCall(target.file, target.chain, target.part.last, "annotate", [placeholder]);
  return {
    title: `Add annotate(${written.args.map(oneLine).join(", ")}) in ${queryset.path} and read it in ${usesWords(remedies)}`,
    safety: "changes-behaviour",
    edits: [
      ...fillIn(target.file, call, written.args).map((edit) => ({ file: queryset.path, ...edit })),
      ...written.uses,
    ],
    imports: [written.imports],
    effect: savedByAll(remedies, roots, context),
  };
}
