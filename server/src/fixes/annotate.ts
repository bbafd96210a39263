import type { Annotate } from "../insights/finding.ts";
import { placeWords } from "../insights/message.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { insertCall } from "../python/chainEdits.ts";
import type { TextEdit } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import { type Annotation, annotationOf } from "./annotation.ts";
import type { Change, FixContext, FixKind, Refusal } from "./change.ts";
import { combined } from "./effect.ts";
import { importing } from "./importing.ts";
import { joinedSql } from "./joins.ts";
import { fillIn, type LongArgument, oneLine, placeholder } from "./longCall.ts";
import { movable } from "./movedCode.ts";
import { takenName } from "./newAttribute.ts";
import { writtenObstacle } from "./obstacles.ts";
import { type QuerysetTarget, querysetTarget, rootsOf } from "./querysetTarget.ts";
import { loadsAt, savedBy } from "./relatedLoads.ts";
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
    const obstacle = writtenObstacle(target.chain, target.part, []) ?? annotationObstacle(target);
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

/** One annotation, and what it stands for. */
interface Asked {
  readonly annotation: Annotation;
  readonly uses: readonly TextEdit[];
}

function askedBy(
  { chain: queryset, builder, use, related }: Annotate,
  target: QuerysetTarget,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): Asked | Refusal {
  const filters = schema.model(related.target)?.defaultManagerFilters ?? true;
  if (use.site.kind === "template") {
    const found = templateUse(use, related, target, roots, schema, context);
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

/** A join knows nothing of managers; a query within the query asks the default one, as the related manager does. */
function filtersProblem({ joins }: Annotation, filters: boolean, target: string): Refusal | null {
  const model = target.slice(target.lastIndexOf(".") + 1);
  return joins && filters
    ? {
        reason: `${model}'s default manager may leave rows out, which a join would count: annotate with a Subquery by hand.`,
      }
    : null;
}

function annotationObstacle({ part }: QuerysetTarget): string | null {
  const distinct = part.calls.find(({ name, arguments: args }) => name === "distinct" && args.length > 0);
  if (distinct !== undefined) return "Django allows no annotate() together with distinct() on certain columns.";
  return part.calls.some(({ name }) => name === "extra" || name === "select_for_update")
    ? "A locked queryset, or one with extra(), takes no grouping: ask in a query of its own."
    : null;
}

function changeOf(
  remedies: readonly Annotate[],
  asked: readonly Asked[],
  target: QuerysetTarget,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): Change | Refusal {
  const [first] = remedies;
  const annotations = distinctByName(asked.map(({ annotation }) => annotation));
  if (first === undefined || "reason" in annotations) return "reason" in annotations ? annotations : { reason: "" };
  const { chain: queryset, related } = first;
  for (const { name } of annotations) {
    const taken = takenName(name, related.model, target.part.calls, schema, context);
    if (taken !== null) return taken;
  }
  const joining = annotations.filter(({ joins }) => joins);
  const shared = joining.length > 0 ? sharedJoin(joining.length, roots, schema, context) : false;
  if (typeof shared !== "boolean") return shared;
  const wanted = annotations.flatMap(({ imports }) => imports);
  const imported = importing(target.file, queryset.path, wanted, schema, context);
  if ("reason" in imported) return imported;
  const args: LongArgument[] = [];
  let written = imported.written;
  for (const annotation of annotations) {
    const value = annotation.write(written.slice(0, annotation.imports.length), shared);
    if ("reason" in value) return value;
    written = written.slice(annotation.imports.length);
    args.push({ ...value, open: `${annotation.name}=${value.open}` });
  }
  const call = insertCall(target.file, target.chain, target.part.last, "annotate", [placeholder]);
  const uses = unique(asked.flatMap((each) => each.uses));
  const saved = remedies.map(({ use, related }) => savedBy(loadsAt(use, related, roots, context)));
  return {
    title: `Add annotate(${args.map(oneLine).join(", ")}) in ${queryset.path} and read it in ${usesWords(remedies)}`,
    safety: "changes-behaviour",
    edits: [
      ...imported.edits.map((edit) => ({ file: queryset.path, ...edit })),
      ...fillIn(target.file, call, args).map((edit) => ({ file: queryset.path, ...edit })),
      ...uses,
    ],
    effect: combined(saved),
  };
}

/** One name for one thing: the same question in two places is one annotation. */
function distinctByName(annotations: readonly Annotation[]): readonly Annotation[] | Refusal {
  const byName = new Map<string, Annotation>();
  for (const annotation of annotations) {
    const known = byName.get(annotation.name);
    const isSame = known === undefined || textOf(known) === textOf(annotation);
    if (!isSame)
      return { reason: `Two different questions would both be called ${annotation.name}: annotate them by hand.` };
    byName.set(annotation.name, annotation);
  }
  return [...byName.values()];
}

function textOf(annotation: Annotation): string {
  const value = annotation.write(
    annotation.imports.map(({ name }) => name),
    false,
  );
  return "reason" in value ? value.reason : oneLine(value);
}

/** Whether counts must be distinct, since another join brings rows several times; the reason where even that would change the list. */
function sharedJoin(
  joining: number,
  roots: readonly QueryRow[],
  schema: Schema,
  { reader }: FixContext,
): boolean | Refusal {
  let isShared = joining > 1;
  for (const root of roots) {
    const { toMany, isGrouped, isDistinct, isLocked } = joinedSql(reader.statement(root.statementId).sql, schema);
    if (isLocked) return { reason: "The rows are locked (select_for_update), which a grouped query cannot do." };
    if (toMany.length === 0) continue;
    if (isGrouped)
      return {
        reason:
          "The queryset counts or adds up something else already, which another join would multiply: annotate with a Subquery by hand.",
      };
    if (!isDistinct)
      return {
        reason:
          "A join brings the rows several times, and a grouped query would not: annotate with a Subquery by hand.",
      };
    isShared = true;
  }
  return isShared;
}

function usesWords(remedies: readonly Annotate[]): string {
  return [...new Set(remedies.map(({ use }) => placeWords(use)))].join(", ");
}

function unique(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...new Map(edits.map((edit) => [`${edit.file} ${JSON.stringify(edit.range)}`, edit])).values()];
}
