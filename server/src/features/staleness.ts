import type { QueryRow, Site } from "../trace/model.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/**
 * Null while every statement that these numbers rest on stands unchanged: those on the queries' stacks, those that built their
 * querysets, the loops around those, and the same for the queries whose rows they hang on. Otherwise words that name the first one edited, the nearest to
 * the query first.
 */
export function staleness(project: Project, rows: readonly QueryRow[]): string | null {
  const sites = sitesOf(project, rows);
  if (project.correlator.isFresh(sites)) return null;
  for (const site of sites) {
    const place = project.correlator.place(site);
    if (place.placement.state === "gone") return staleAt(place.path, project.correlator.lineNow(site));
    const line = project.correlator.editedAround(site);
    if (line !== null) return staleAt(place.path, line);
  }
  return "recorded before an edit";
}

export function staleAt(path: string, line: number): string {
  return `recorded before an edit in ${oneLine(path)}:${line}`;
}

/** By the list of rows: while somebody types, lenses ask with the same ones at every key. */
const kept = new WeakMap<readonly QueryRow[], { readonly generation: number; readonly sites: readonly Site[] }>();

/** What these rows rest on, each site once. */
function sitesOf(project: Project, rows: readonly QueryRow[]): readonly Site[] {
  const { generation } = project.reader;
  const known = kept.get(rows);
  if (known?.generation === generation) return known.sites;
  const found = new Map<number, Site>();
  for (const row of withAncestors(project, rows)) {
    for (const site of sitesBehind(project, row)) found.set(site.id, site);
  }
  const sites = [...found.values()];
  kept.set(rows, { generation, sites });
  return sites;
}

/** Each row once, however many hang on it; a row's parents come after all the rows that were asked for. */
function withAncestors(project: Project, rows: readonly QueryRow[]): Iterable<QueryRow> {
  const all = new Map(rows.map((row) => [row.id, row]));
  for (const { parentId } of all.values()) {
    const parent = parentId === null || all.has(parentId) ? null : project.reader.row(parentId);
    if (parent !== null) all.set(parent.id, parent);
  }
  return all.values();
}

function sitesBehind(project: Project, row: QueryRow): readonly Site[] {
  const { reader } = project;
  const stack = [...reader.stack(row.stackId)].reverse();
  const construction = row.constructionId === null ? null : reader.construction(row.constructionId);
  if (construction === null) return stack;
  const chain = construction.chain === null ? [] : [construction.chain];
  return [...stack, ...chain, ...reader.stack(construction.stackId)];
}
