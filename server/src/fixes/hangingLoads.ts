import type { Correlator } from "../correlate/correlator.ts";
import { type Load, loadsAmong } from "../insights/evidence.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";

/** By the list of roots, which is made anew for each change: several questions of one change are about the same loads. */
const known = new WeakMap<readonly QueryRow[], readonly Load[]>();

/** All loads that hang on the rows of these queries, in the roots' own scopes. */
export function hangingLoads(reader: TraceReader, correlator: Correlator, roots: readonly QueryRow[]): readonly Load[] {
  const found = known.get(roots) ?? findLoads(reader, correlator, roots);
  known.set(roots, found);
  return found;
}

function findLoads(reader: TraceReader, correlator: Correlator, roots: readonly QueryRow[]): readonly Load[] {
  const own = new Set(roots.map(({ id }) => id));
  const scopes = [...new Set(roots.map(({ scopeId }) => scopeId))];
  const rows = scopes.flatMap((id) => reader.rowsOfScope(id));
  return loadsAmong(reader, correlator, rows).filter(({ root }) => own.has(root.id));
}
