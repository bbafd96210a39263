import { comparePositions, type Range, type TextEdit } from "../text/range.ts";
import type { Scope } from "../trace/model.ts";
import { isSetup } from "./names.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/** The edit that has a test keep a number of queries. */
export interface GuardAction {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** Of what runs through the statements of a range, the costliest request, else the costliest call of a test; null where it takes no guard. */
export function guardAction(project: Project, path: string, range: Range): GuardAction | null {
  const sites = project.correlator.sitesNow(path).flatMap(({ site, placement }) => {
    return placement.state !== "gone" && meets(placement.statement, range) ? [site.id] : [];
  });
  if (sites.length === 0) return null;
  const scopes = project.reader.scopesThrough(sites).map((id) => project.reader.scope(id));
  const [costliest] = scopes.filter((scope) => scope.test !== null && !isSetup(scope)).sort(costlierFirst);
  const result = costliest === undefined ? null : project.guardFor(costliest.id);
  return result?.ok ? { title: oneLine(result.fix.title), edits: result.fix.edits } : null;
}

function costlierFirst(a: Scope, b: Scope): number {
  const isRequest = ({ kind }: Scope): number => (kind === "request" ? 1 : 0);
  return isRequest(b) - isRequest(a) || b.queries - a.queries || a.id - b.id;
}

function meets(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}
