import type { Place } from "../correlate/correlation.ts";
import { growsWithRows } from "../insights/finding.ts";
import type { Endpoint, EndpointCause, Location, ProjectEndpoints } from "../protocol.ts";
import type { QueryRow, Scope, Site } from "../trace/model.ts";
import { isApplicationQuery } from "./cost.ts";
import { type FindingIndex, indexFindings, innermostSite, placeKey } from "./firing.ts";
import { formatCount } from "./format.ts";
import { causeName, isSetup, scopeName } from "./names.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/** Whoever asks for more than this many has a filter of their own. */
const shownGroups = 500;
const shownCauses = 12;

/**
 * Endpoints and commands, then tests: what grows with rows first, then what executes most.
 * @param uriOf turns a project path into the client's address of it.
 */
export function endpoints(project: Project, uri: string, uriOf: (path: string) => string): ProjectEndpoints {
  const index = indexFindings(project);
  const scopes = project.reader.scopes().filter((scope) => !isSetup(scope));
  const served = [
    ...Map.groupBy(
      scopes.filter(({ kind }) => kind !== "test"),
      scopeName,
    ),
  ].map(([label, group]) => endpointOf(project, label, [costliest(group)], index, uriOf));
  const tested = Map.groupBy(
    scopes.filter(({ test }) => test !== null),
    ({ test }) => test ?? "",
  );
  const tests = [...tested].map(([test, group]) => endpointOf(project, test, group, index, uriOf));
  return { name: project.name, uri, endpoints: ranked(served), tests: ranked(tests) };
}

function ranked(all: readonly Endpoint[]): readonly Endpoint[] {
  return all
    .filter(({ queries }) => queries > 0)
    .sort(
      (a, b) =>
        Math.sign(b.nPlusOne) - Math.sign(a.nPlusOne) || b.queries - a.queries || a.label.localeCompare(b.label, "en"),
    )
    .slice(0, shownGroups);
}

/** An endpoint stands for its costliest request; a test for all its requests and its own queries together. */
function endpointOf(
  project: Project,
  label: string,
  scopes: readonly Scope[],
  index: FindingIndex,
  uriOf: (path: string) => string,
): Endpoint {
  const rows = scopes.flatMap(({ id }) => project.reader.rowsOfScope(id)).filter(isApplicationQuery);
  const findings = new Set(rows.flatMap((row) => index.of(row) ?? []));
  const causes = causesOf(project, rows, index, uriOf);
  const [scope] = scopes;
  return {
    label: oneLine(label),
    queries: scopes.reduce((total, { queries }) => total + queries, 0),
    sqlNs: scopes.reduce((total, { sqlNs }) => total + sqlNs, 0),
    nPlusOne: [...findings].filter(({ rule }) => growsWithRows.has(rule)).length,
    detail: oneLine(scope?.view ?? scope?.label ?? scope?.test ?? ""),
    location: scope === undefined ? null : entrance(project, scope, rows, uriOf),
    causes: causes.slice(0, shownCauses),
  };
}

function causesOf(
  project: Project,
  rows: readonly QueryRow[],
  index: FindingIndex,
  uriOf: (path: string) => string,
): readonly EndpointCause[] {
  const placed = rows.map((row) => {
    const site = innermostSite(project, row);
    const place = site === null ? null : project.correlator.place(site);
    return { row, place, name: causeName(row.cause) };
  });
  const groups = Map.groupBy(placed, ({ place, name }) => `${place === null ? "" : placeKey(place)} ${name}`);
  return [...groups.values()]
    .flatMap((group): readonly EndpointCause[] => {
      const [first] = group;
      if (first === undefined) return [];
      const queries = group.reduce((total, { row }) => total + row.count, 0);
      const rule = group.map(({ row }) => index.of(row)?.rule).find((code) => code !== undefined) ?? null;
      return [
        {
          label: oneLine(`${formatCount(queries)}x ${first.name}`),
          queries,
          rule,
          location: first.place === null ? null : locationOf(first.place, uriOf),
        },
      ];
    })
    .sort((a, b) => Number(b.rule !== null) - Number(a.rule !== null) || b.queries - a.queries);
}

/** Where a request comes into the user's code (the view), or where a test first asks the database. */
function entrance(
  project: Project,
  scope: Scope,
  rows: readonly QueryRow[],
  uriOf: (path: string) => string,
): Location | null {
  const asking = rows.map(({ stackId }) => project.reader.stack(stackId));
  // A generic view builds its queryset, and leaves it to the template to ask: then only the construction stands in it.
  const building = rows.flatMap(({ constructionId }) => {
    const construction = constructionId === null ? null : project.reader.construction(constructionId);
    return construction === null ? [] : [project.reader.stack(construction.stackId)];
  });
  const stacks = [...asking, ...building];
  for (const find of scope.kind === "test" ? [outermost] : [inView(scope), behindTest(scope), outermost]) {
    for (const stack of stacks) {
      const site = find(stack);
      const location = site === undefined ? null : locationOf(project.correlator.place(site), uriOf);
      if (location !== null) return location;
    }
  }
  return null;
}

type FindSite = (stack: readonly Site[]) => Site | undefined;

const outermost: FindSite = (stack) => stack[0];

/** The scope names its view with a dotted path: `shop.views.order_list`, `shop.views.OrderList`, `shop.api.OrderViewSet.list`. */
function inView({ view }: Scope): FindSite {
  const names = view?.split(".").slice(-2) ?? [];
  return (stack) => stack.find(({ qualname }) => qualname !== "" && names.includes(qualname.split(".")[0] ?? ""));
}

/** A request's stack begins with the frames of the test that made it. */
function behindTest({ test }: Scope): FindSite {
  const testFile = test?.split("::")[0];
  return (stack) => stack.slice(stack.findLastIndex(({ path }) => path === testFile) + 1)[0];
}

function locationOf({ path, placement }: Place, uriOf: (path: string) => string): Location | null {
  if (placement.state === "gone") return null;
  return { uri: uriOf(path), range: placement.range, label: oneLine(`${path}:${placement.range.start.line + 1}`) };
}

function costliest(scopes: readonly Scope[]): Scope {
  return scopes.reduce((a, b) => (b.queries > a.queries || (b.queries === a.queries && b.sqlNs > a.sqlNs) ? b : a));
}
