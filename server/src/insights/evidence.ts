import { standsForClass } from "../correlate/classPlacement.ts";
import type { Place } from "../correlate/correlation.ts";
import type { CauseKind, QueryRow, Site, TraceReader } from "../trace/model.ts";
import type { Correlation } from "./ports.ts";
import { type QuerysetExpression, querysetExpression, type Rows } from "./querysetExpression.ts";
import type { Hop } from "./schema.ts";
import { isSetup } from "./testFiles.ts";
import { factsOf, type TraceFacts } from "./traceFacts.ts";

/**
 * One query that hangs on rows of another, followed back to the queryset that could have loaded it along: from the row to the row that
 * loaded its instance, to what loaded that one's instance, and so on.
 */
export interface Load {
  readonly row: QueryRow;
  /** From the query whose instances hang on the root's rows to `row`. */
  readonly chain: readonly QueryRow[];
  /** The query that loaded the instances on which `row` hangs. */
  readonly parent: QueryRow;
  /** The query of the queryset that must change. */
  readonly root: QueryRow;
  /** Where the root's queryset is written, an expression that can be edited; null where it is not written anywhere. */
  readonly queryset: Place | null;
  /** Where `queryset` is the call of a function that builds it: the expression within; else null. */
  readonly builder: Place | null;
  /** The call written there ran the query inside itself (a manager's method that returns no queryset): what it returns cannot be changed. */
  readonly evaluatedInside: boolean;
  /** What is called at `queryset` may return something else than a queryset, a list for instance, and is changed behind it only where that was asked. */
  readonly mayBeOther: boolean;
  /** Model of the root's rows; null where it was not recorded. */
  readonly model: string | null;
  /** Attributes from the root's model to what was loaded: `["customer", "address"]`. */
  readonly names: readonly string[];
  /** The same as relations of the models; null where one of them is none. */
  readonly hops: readonly Hop[] | null;
  /** Some hop before the last leads to many rows. */
  readonly throughMany: boolean;
  /** Innermost user site; null where no user frame took part. */
  readonly at: Site | null;
  /** The test's own code or its set-up asked for it, of a queryset of the application. */
  readonly byTest: boolean;
}

const single: readonly CauseKind[] = ["foreign_key", "one_to_one", "reverse_one_to_one", "generic_foreign_key"];
const managers: readonly CauseKind[] = ["reverse_foreign_key", "many_to_many", "generic_relation"];
const singleKinds: ReadonlySet<CauseKind> = new Set(single);
const managerKinds: ReadonlySet<CauseKind> = new Set(managers);
const writes = /^a?(add|set|remove|clear|create|get_or_create|update_or_create|bulk_create|bulk_update|update|delete)$/;

/** All loads of rows that application code asked for, in the order of their rows' ids; also those that a test itself ran into. */
export function findLoads(reader: TraceReader, correlator: Correlation): readonly Load[] {
  return loadsAmong(reader, correlator, reader.rowsCausedBy([...single, ...managers], "hanging"));
}

/** All loads of columns that a queryset left out, of instances that application code has; also those that a test itself ran into. */
export function findDeferredLoads(reader: TraceReader, correlator: Correlation): readonly Load[] {
  const walk = new LoadWalk(reader, correlator);
  return reader.rowsCausedBy(["deferred_field"], "hanging").flatMap((row) => walk.deferredLoad(row) ?? []);
}

/** The loads among these rows, in their order. */
export function loadsAmong(reader: TraceReader, correlator: Correlation, rows: readonly QueryRow[]): readonly Load[] {
  const walk = new LoadWalk(reader, correlator);
  return rows.flatMap((row) => walk.load(row) ?? []);
}

class LoadWalk {
  readonly #facts: TraceFacts;
  readonly #correlator: Correlation;
  readonly #origins = new Map<number, Origin>();
  /** By site, model and accessor: thousands of rows come from one expression. */
  readonly #expressions = new Map<string, QuerysetExpression | null>();

  constructor(reader: TraceReader, correlator: Correlation) {
    this.#facts = factsOf(reader);
    this.#correlator = correlator;
  }

  load(row: QueryRow): Load | null {
    if (!this.#isRead(row)) return null;
    const parents = this.#facts.parents(row);
    const rootIndex = this.#rootIndex(parents, 0);
    return rootIndex === null ? null : this.#loadBelow(row, parents, rootIndex);
  }

  /** What left the column out is the queryset whose rows the instance came with, and no other. */
  deferredLoad(row: QueryRow): Load | null {
    if (row.cause.field === null || !this.#facts.isSelect(row)) return null;
    const parents = this.#facts.parents(row);
    return parents.length === 0 ? null : this.#loadBelow(row, parents, 0);
  }

  #loadBelow(row: QueryRow, parents: readonly QueryRow[], rootIndex: number): Load | null {
    const [parent] = parents;
    const root = parents[rootIndex];
    if (parent === undefined || root === undefined) return null;
    const at = this.#facts.stack(row).at(-1) ?? null;
    const origin = this.#origin(root);
    if (origin.kind === "test") return null;
    const model = rowsModel(root);
    const chain = [...parents.slice(0, rootIndex).reverse(), row];
    const names = chain.flatMap(namesOf);
    const hops = model === null ? null : this.#facts.schema.path(model, names);
    return {
      row,
      chain,
      parent,
      root,
      queryset: origin.kind === "written" ? origin.place : null,
      builder: null,
      mayBeOther: false,
      evaluatedInside: origin.kind === "written" && this.#passes(root, origin.place.site),
      model,
      names,
      hops,
      throughMany: hops === null ? chain.slice(0, -1).some(isToMany) : hops.slice(0, -1).some((hop) => hop.toMany),
      at,
      byTest: this.#facts.isTestsOwn(row),
    };
  }

  #isRead(row: QueryRow): boolean {
    const { kind, api, field } = row.cause;
    if (field === null || !(singleKinds.has(kind) || managerKinds.has(kind))) return false;
    if (api !== null && writes.test(api)) return false;
    return this.#facts.isSelect(row);
  }

  /**
   * Which of the rows, from `index` outward, is the queryset to change: the outermost whose rows all the loads could have come with.
   * A related manager that is read as it is can be prefetched with its own parents, where those are many; else it is itself the
   * queryset, unless it is written nowhere.
   */
  #rootIndex(parents: readonly QueryRow[], index: number): number | null {
    const row = parents[index];
    if (row === undefined) return null;
    const { kind, refined } = row.cause;
    if (singleKinds.has(kind)) return this.#rootIndex(parents, index + 1);
    if (kind === "prefetch") {
      // Only a `Prefetch` object's own queryset was constructed by somebody; its instances may hang on another attribute.
      return row.constructionId !== null ? index : this.#rootIndex(parents, index + 1);
    }
    if (!managerKinds.has(kind)) return index;
    if (refined) return index;
    const outer = this.#rootIndex(parents, index + 1);
    const root = outer === null ? undefined : parents[outer];
    if (outer === null || root === undefined) return index;
    const isMany = !root.single || parents.slice(index + 1, outer).some(isToMany);
    return isMany || this.#origin(row).kind === "unwritten" ? outer : index;
  }

  #origin(row: QueryRow): Origin {
    let origin = this.#origins.get(row.id);
    if (origin === undefined) {
      origin = this.#findOrigin(row);
      this.#origins.set(row.id, origin);
    }
    return origin;
  }

  #findOrigin(row: QueryRow): Origin {
    const scope = this.#facts.scope(row.scopeId);
    if (isSetup(scope)) return { kind: "test" };
    const site = this.#facts.construction(row)?.chain ?? null;
    if (site === null) return { kind: "unwritten" };
    const place = this.#correlator.place(site);
    const isTest = this.#facts.tests.has(site.path);
    // The test's own frames stand outside those of a request: they built nothing in it.
    if (isTest && scope.kind === "test") return { kind: "test" };
    if ((site.kind === "python" || standsForClass(site)) && place.placement.state === "gone") {
      return isTest ? { kind: "unwritten" } : { kind: "written", place };
    }
    if (!standsForClass(site) && this.#expression(place, loadedRows(row)) === null) return { kind: "unwritten" };
    return isTest ? { kind: "test" } : { kind: "written", place };
  }

  #expression(place: Place, rows: Rows): QuerysetExpression | null {
    const key = `${place.site.id} ${rows.model} ${rows.accessor}`;
    let expression = this.#expressions.get(key);
    if (expression === undefined) {
      expression = querysetExpression(this.#correlator, this.#facts.schema, place, rows);
      this.#expressions.set(key, expression);
    }
    return expression;
  }

  /**
   * Other user code was called at the site, and ran the query. A loop asks at the very place that it iterates over: that is innermost,
   * but for the templates and serializers that the queryset was handed to.
   */
  #passes(row: QueryRow, site: Site): boolean {
    const stack = this.#facts.stack(row);
    const index = stack.findIndex(({ id }) => id === site.id);
    return index !== -1 && stack.slice(index + 1).some(({ kind }) => kind === "python");
  }
}

/** Who made a row's queryset: a test or its set-up, an expression in the application, or something that is written nowhere. */
type Origin =
  | { readonly kind: "test" }
  | { readonly kind: "written"; readonly place: Place }
  | { readonly kind: "unwritten" };

/** Attributes from the parent's model: through the parent's own joins, then the load itself. */
function namesOf({ path, cause }: QueryRow): readonly string[] {
  return [...(path === "" ? [] : path.split("__")), cause.field ?? ""];
}

export function loadedRows(row: QueryRow): Rows {
  return { model: rowsModel(row), accessor: managerKinds.has(row.cause.kind) ? row.cause.field : null };
}

function rowsModel({ cause }: QueryRow): string | null {
  return cause.kind === "queryset" ? (cause.target ?? cause.model) : cause.target;
}

function isToMany(row: QueryRow): boolean {
  return managerKinds.has(row.cause.kind) || (row.cause.kind === "prefetch" && !row.single);
}
