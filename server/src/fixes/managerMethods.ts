import type { Correlator } from "../correlate/correlator.ts";
import { calledExpression } from "../insights/callers.ts";
import { loadedRows } from "../insights/evidence.ts";
import { placeWords } from "../insights/message.ts";
import { TestFiles } from "../insights/testFiles.ts";
import { factsOf, type TraceFacts } from "../insights/traceFacts.ts";
import type { Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, Refusal } from "./change.ts";

/** How many callers a title names. */
const shownCallers = 3;

/** `shop/views.py:2, shop/views.py:6 and 3 more` */
export function callerWords(callers: readonly Caller[]): string {
  const places = callers.map(({ place }) => place);
  const others = places.length > shownCallers ? ` and ${places.length - shownCallers} more` : "";
  return places.slice(0, shownCallers).join(", ") + others;
}

export interface WrittenMethod {
  readonly path: string;
  readonly file: PythonFile;
  readonly qualname: string;
  /** What the method returns. */
  readonly chain: Chain;
}

/** Where managers and querysets stand beside a model, by convention. */
const modules = ["managers.py", "querysets.py", "query.py"] as const;

/** The only method of that name in a class of the model's file, or beside it, whose value is made of its own queryset alone. */
export function writtenMethod(
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

export interface Caller {
  /** `shop/views.py:14` */
  readonly place: string;
  readonly rows: readonly QueryRow[];
}

/** The recorded expressions in which the method is called for rows of the model: the application's, then those of its tests, each in the order of their places. */
export function callersOf({ reader, correlator }: FixContext, model: string, method: string): readonly Caller[] {
  const facts = factsOf(reader);
  const tests = new TestFiles(reader.scopes());
  const sitesAt = new Map<string, { readonly inTests: boolean; readonly ids: number[] }>();
  for (const site of reader.sitesBuilding(model)) {
    const place = correlator.place(site);
    if (!calledExpression(correlator, place)?.chain.calls.some(({ name }) => name === method)) continue;
    const words = placeWords(place);
    const known = sitesAt.get(words);
    if (known === undefined) sitesAt.set(words, { inTests: tests.has(place.path), ids: [site.id] });
    else known.ids.push(site.id);
  }
  const isOne = (row: QueryRow) =>
    row.cause.kind === "queryset" && loadedRows(row).model === model && facts.isSelect(row);
  return Array.from(sitesAt, ([place, { inTests, ids }]) => ({
    place,
    inTests,
    rows: reader.rowsBuiltAt(ids).filter(isOne),
  }))
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => Number(a.inTests) - Number(b.inTests) || (a.place < b.place ? -1 : 1));
}
