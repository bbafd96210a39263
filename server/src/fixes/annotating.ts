import type { Annotate, ViewAnnotation } from "../insights/finding.ts";
import { placeWords } from "../insights/message.ts";
import type { RelatedRows } from "../insights/relatedRows.ts";
import type { Schema } from "../insights/schema.ts";
import type { Call } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { TextEdit } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import type { Annotation } from "./annotation.ts";
import type { FixContext, Imports, Refusal } from "./change.ts";
import { combined, type Effect } from "./effect.ts";
import { importing } from "./importing.ts";
import { joinedSql } from "./joins.ts";
import { type LongArgument, oneLine } from "./longCall.ts";
import { takenName } from "./newAttribute.ts";
import { loadsAt, savedBy } from "./relatedLoads.ts";

/** One annotation, and what it stands for. */
export interface Asked {
  readonly annotation: Annotation;
  readonly uses: readonly TextEdit[];
}

/** Where the annotations go. */
export interface AnnotatedPlace {
  readonly file: PythonFile;
  readonly path: string;
  /** `app_label.ModelName` of the rows. */
  readonly model: string;
  /** The calls that the queryset has. */
  readonly calls: readonly Call[];
  /** What each annotation is about. */
  readonly related: readonly RelatedRows[];
}

export interface WrittenAnnotations {
  /** `comment_count=Count("comments")` */
  readonly args: readonly LongArgument[];
  /** Into the place's file. */
  readonly imports: Imports;
  readonly uses: readonly TextEdit[];
}

/** The arguments of an `annotate()` that answers all that is asked, with the imports that they need and what reads them. */
export function writeAnnotations(
  asked: readonly Asked[],
  { file, path, model, calls, related }: AnnotatedPlace,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): WrittenAnnotations | Refusal {
  const annotations = distinctByName(asked.map(({ annotation }) => annotation));
  if ("reason" in annotations) return annotations;
  for (const { name } of annotations) {
    const taken = takenName(name, model, calls, schema, context);
    if (taken !== null) return taken;
  }
  const joining = annotations.filter(({ joins }) => joins);
  const shared = joining.length > 0 ? sharedJoin(joining.length, related, roots, schema, context) : false;
  if (typeof shared !== "boolean") return shared;
  const wanted = annotations.flatMap(({ imports }) => imports);
  const imported = importing(file, path, wanted, schema, context);
  if ("reason" in imported) return imported;
  const args: LongArgument[] = [];
  let written = imported.written;
  for (const annotation of annotations) {
    const value = annotation.write(written.slice(0, annotation.imports.length), shared);
    if ("reason" in value) return value;
    written = written.slice(annotation.imports.length);
    args.push({ ...value, open: `${annotation.name}=${value.open}` });
  }
  return { args, imports: imported.imports, uses: unique(asked.flatMap((each) => each.uses)) };
}

/** The loads that run no more once the rows have what is asked of them. */
export function savedByAll(
  remedies: readonly (Annotate | ViewAnnotation)[],
  roots: readonly QueryRow[],
  context: FixContext,
): Effect {
  return combined(remedies.map(({ use, related }) => savedBy(loadsAt(use, related, roots, context))));
}

/** A join knows nothing of managers; a query within the query asks the default one, as the related manager does. */
export function filtersProblem({ joins }: Annotation, filters: boolean, target: string): Refusal | null {
  const model = target.slice(target.lastIndexOf(".") + 1);
  return joins && filters
    ? {
        reason: `${model}'s default manager may leave rows out, which a join would count: annotate with a Subquery by hand.`,
      }
    : null;
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
  related: readonly RelatedRows[],
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
    if (related.some((each) => mayJoin(toMany, each, schema)))
      return {
        reason:
          "The queryset joins these rows already, to filter them: an annotation would count what that leaves. Annotate with a Subquery by hand.",
      };
    isShared = true;
  }
  return isShared;
}

/** Django takes the join that a filter made for an annotation of the same relation (`Query.join`, `reuse`). */
function mayJoin(tables: readonly string[], { model, accessor, target }: RelatedRows, schema: Schema): boolean {
  const other = schema.model(target);
  // Of many-to-many relations the table in between is joined, whose name is not known here; of a child model's also its parents'.
  const isPlain = schema.relation(model, accessor)?.relation === "reverse_foreign_key" && other?.parents.length === 0;
  return !isPlain || tables.some((table) => table === "" || table === other?.table);
}

export function usesWords(remedies: readonly (Annotate | ViewAnnotation)[]): string {
  return [...new Set(remedies.map(({ use }) => placeWords(use)))].join(", ");
}

function unique(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...new Map(edits.map((edit) => [`${edit.file} ${JSON.stringify(edit.range)}`, edit])).values()];
}
