import type { Correlator } from "../correlate/correlator.ts";
import { calledExpression } from "../insights/callers.ts";
import { withoutImplied } from "../insights/eagerLookup.ts";
import { loadedRows } from "../insights/evidence.ts";
import type { MethodEagerLoad } from "../insights/finding.ts";
import { placeWords } from "../insights/message.ts";
import { TestFiles } from "../insights/testFiles.ts";
import { factsOf, type TraceFacts } from "../insights/traceFacts.ts";
import type { Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, FixKind, Refusal } from "./change.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import { eagerLoadingEffect } from "./eagerLoadingEffect.ts";
import { eagerCalls, pathsOf } from "./lookupWords.ts";
import { writtenObstacle } from "./obstacles.ts";
import { querysetPart } from "./querysetCalls.ts";
import { recordedObstacle } from "./recordedObstacles.ts";

/** How many callers a title names. */
const named = 3;

/** `select_related` and `prefetch_related` in the method of a manager or queryset, which all pay for who call it: they are named. */
export const methodEagerLoad: FixKind<MethodEagerLoad> = {
  isSafe: true,

  change(remedies, context) {
    const [{ model, method }] = remedies;
    const facts = factsOf(context.reader);
    const lookups = withoutImplied(remedies.flatMap((remedy) => remedy.lookups));
    const written = writtenMethod(facts, context.correlator, model, method);
    if ("reason" in written) return written;
    const { path, file, chain, qualname } = written;
    const [made] = chain.calls;
    const part = made === undefined ? null : querysetPart(chain, made.expression, () => false);
    if (part === null || part.end !== null) return { reason: `${qualname}() in ${path} returns no queryset.` };
    const callers = callersOf(context, model, method);
    const roots = callers.flatMap(({ rows }) => rows);
    const obstacle = writtenObstacle(chain, part, lookups) ?? recordedObstacle(facts, roots, lookups);
    if (obstacle !== null) return { reason: obstacle };
    const edits = addEagerLoading(file, chain, part, lookups);
    if (edits.length === 0) return { reason: `${qualname}() in ${path} names ${pathsOf(lookups)} already.` };
    const places = callers.map(({ place }) => place);
    const others = places.length > named ? ` and ${places.length - named} more` : "";
    return {
      title: `Add ${eagerCalls(lookups)} in ${qualname}() for all that call it: ${places.slice(0, named).join(", ")}${others}`,
      safety: "safe",
      edits: edits.map((edit) => ({ file: path, ...edit })),
      effect: eagerLoadingEffect(context.reader, context.correlator, roots, lookups),
    };
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};

interface WrittenMethod {
  readonly path: string;
  readonly file: PythonFile;
  readonly qualname: string;
  /** What the method returns. */
  readonly chain: Chain;
}

/** Where managers and querysets stand beside a model, by convention. */
const modules = ["managers.py", "querysets.py", "query.py"] as const;

/** The only method of that name in a class of the model's file, or beside it, whose value is made of its own queryset alone. */
function writtenMethod(
  facts: TraceFacts,
  correlator: Correlator,
  model: string,
  method: string,
): WrittenMethod | Refusal {
  const home = facts.schema.model(model)?.file ?? null;
  const folder = home?.slice(0, home.lastIndexOf("/") + 1);
  const paths = home === null ? [] : [...new Set([home, ...modules.map((name) => `${folder}${name}`)])];
  const found = paths.flatMap((path) => {
    const file = correlator.pythonFile(path);
    const methods = file?.definitions.filter(({ kind, name, qualname }) => {
      return kind === "function" && name === method && /^\w+\.\w+$/.test(qualname);
    });
    return (methods ?? []).map(({ qualname }) => ({ path, file, qualname }));
  });
  const [only] = found;
  const chains = only?.file?.returnedChains(only.qualname) ?? [];
  const [chain] = chains;
  if (only?.file == null || found.length > 1 || chain === undefined || chains.length > 1 || !isOwn(chain)) {
    return { reason: `What ${method}() returns cannot be told.` };
  }
  return { path: only.path, file: only.file, qualname: only.qualname, chain };
}

/** `self.filter(…)`, `self.get_queryset()`, `super().get_queryset()` */
function isOwn({ root }: Chain): boolean {
  return root === "self" || root === "super()";
}

interface Caller {
  /** `shop/views.py:14` */
  readonly place: string;
  readonly rows: readonly QueryRow[];
}

/** The recorded expressions in which the method is called for rows of the model: the application's, then those of its tests, each in the order of their places. */
function callersOf({ reader, correlator }: FixContext, model: string, method: string): readonly Caller[] {
  const facts = factsOf(reader);
  const rows = reader
    .rowsCausedBy(["queryset"])
    .filter((row) => loadedRows(row).model === model && facts.isSelect(row));
  const tests = new TestFiles(reader.scopes());
  const callers = new Map<string, { readonly inTests: boolean; readonly rows: QueryRow[] }>();
  for (const row of rows) {
    const site = facts.construction(row)?.chain ?? null;
    const place = site === null ? null : correlator.place(site);
    const called = place === null ? null : calledExpression(correlator, place);
    if (place === null || !called?.chain.calls.some(({ name }) => name === method)) continue;
    const words = placeWords(place);
    const caller = callers.get(words);
    if (caller === undefined) callers.set(words, { inTests: tests.has(place.path), rows: [row] });
    else caller.rows.push(row);
  }
  return Array.from(callers, ([place, caller]) => ({ place, ...caller })).sort(
    (a, b) => Number(a.inTests) - Number(b.inTests) || (a.place < b.place ? -1 : 1),
  );
}
