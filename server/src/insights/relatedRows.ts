import type { Place } from "../correlate/correlation.ts";
import type { Load } from "./evidence.ts";
import type { Schema } from "./schema.ts";
import type { TraceFacts } from "./traceFacts.ts";

/** Related rows that each row of a queryset is asked for, as the recorded models know the relation. */
export interface RelatedRows {
  /** Of the queryset's rows: `blog.Post`. */
  readonly model: string;
  /** The related manager's attribute: `comments`. */
  readonly accessor: string;
  readonly prefetch: string;
  /** Its name in lookups. */
  readonly query: string;
  /** `blog.Comment` */
  readonly target: string;
  /** The name that leads back in the related model's lookups: `post`; null where there is none, or it does not hold the rows' primary key. */
  readonly back: string | null;
}

/**
 * The relation of a load of several related rows, where these hang directly on the rows of a queryset that is written somewhere, or that Django
 * makes for a class, and can be changed; else null.
 */
export function relatedRows({ schema }: TraceFacts, load: Load): RelatedRows | null {
  const { row, root, chain, names, hops, model, queryset, evaluatedInside, mayBeOther } = load;
  const [name] = names;
  const [hop] = hops ?? [];
  if (queryset === null || evaluatedInside || mayBeOther || root.cause.kind === "raw" || row.db !== root.db)
    return null;
  if (chain.length !== 1 || names.length !== 1 || hops?.length !== 1) return null;
  if (model === null || name === undefined || hop === undefined || !hop.toMany) return null;
  const { target, prefetch } = hop;
  const query = schema.queryName(model, name);
  if (target === null || prefetch === null || query === null) return null;
  return { model, accessor: hop.accessor, prefetch, query, target, back: backTo(schema, model, name, target) };
}

/** A key may hold another field of the rows than their primary key (`to_field`). */
function backTo(schema: Schema, model: string, name: string, target: string): string | null {
  const field = schema.relation(model, name);
  if (field === null || field.remote === null) return null;
  if (field.relation !== "reverse_foreign_key") return field.relation === "generic_relation" ? null : field.remote;
  const key = schema.relation(target, field.remote)?.toField ?? null;
  const owner = schema.field(model, key ?? "");
  return owner?.primaryKey === true ? field.remote : null;
}

/**
 * Where the related manager is asked, which may stand before the place where the rows are read; null where that is not known. Where a template
 * asks, the recorder's innermost frame that built something may be that of the test's request.
 */
export function relatedUsePlace(
  facts: TraceFacts,
  load: Load,
  place: (site: NonNullable<Load["at"]>) => Place,
): Place | null {
  const built = facts.construction(load.row)?.chain ?? null;
  const site = built === null || facts.tests.has(built.path) ? load.at : built;
  return site === null ? null : place(site);
}
