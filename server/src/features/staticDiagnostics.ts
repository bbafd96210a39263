import type { StaticFinding } from "../static/staticFinding.ts";
import type { Diagnostic, RelatedPlace, Severities } from "./diagnostics.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/** What reading alone found, by file: hints all of them, whatever a rule is set to; `off` keeps it out. */
export function staticDiagnostics(
  project: Project,
  severities: Severities = {},
): ReadonlyMap<string, readonly Diagnostic[]> {
  const placed = project.staticFindings().flatMap((finding) => {
    const diagnostic = severities[finding.rule] === "off" ? null : diagnosticOf(finding);
    return diagnostic === null ? [] : [{ path: finding.at.path, diagnostic }];
  });
  return new Map(
    [...Map.groupBy(placed, ({ path }) => path)].map(([path, group]) => [
      path,
      group.map(({ diagnostic }) => diagnostic),
    ]),
  );
}

function diagnosticOf({ id, rule, at, message, queryset, loop, fires }: StaticFinding): Diagnostic | null {
  if (at.placement.state === "gone") return null;
  return {
    range: at.placement.range,
    severity: "hint",
    code: rule,
    message: oneLine(message, 1_000),
    data: { findingId: id },
    related: [
      ...(queryset === null ? [] : related(queryset, "The queryset that gives the rows")),
      ...related(loop, "The loop that would ask"),
      ...fires.slice(1).flatMap((place) => related(place, "Would ask here too")),
    ].slice(0, 10),
  };
}

function related({ path, placement }: StaticFinding["at"], message: string): readonly RelatedPlace[] {
  return placement.state === "gone" ? [] : [{ path, range: placement.range, message }];
}
