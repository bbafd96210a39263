import type { ProjectStatus } from "../protocol.ts";
import type { TraceSummary } from "../trace/model.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/** Why a project shows nothing, where that is so; expected states, not errors. */
export type TraceCondition =
  | { readonly kind: "ready" }
  | { readonly kind: "empty" }
  | { readonly kind: "unavailable"; readonly message: string };

export function status(
  project: Project,
  uri: string,
  condition: TraceCondition,
  problems: readonly string[],
): ProjectStatus {
  if (condition.kind === "unavailable") return unreadable(project.name, uri, condition.message, problems);
  const summary = project.reader.summary();
  const newest = newestRun(summary);
  return {
    name: project.name,
    uri,
    state: newest?.state === "running" ? "recording" : condition.kind,
    message: "",
    testsRecorded: summary.testsRecorded,
    testsCollected: summary.testsCollected,
    findings: project.findings().length,
    recordedAt: newest === null ? null : (newest.finishedAt ?? newest.startedAt),
    problems: [...problems, ...summary.problems.map(({ file, message }) => oneLine(`${file}: ${message}`, 500))],
  };
}

export function unreadable(name: string, uri: string, message: string, problems: readonly string[]): ProjectStatus {
  return {
    name,
    uri,
    state: "unavailable",
    message: oneLine(message, 500),
    testsRecorded: 0,
    testsCollected: 0,
    findings: 0,
    recordedAt: null,
    problems,
  };
}

/** `12 of 619 tests recorded`, said loudly where something is missing. */
export function coverage({
  testsRecorded,
  testsCollected,
}: Pick<TraceSummary, "testsRecorded" | "testsCollected">): string {
  if (testsCollected > testsRecorded) return `${testsRecorded} of ${testsCollected} tests recorded`;
  return testsRecorded === 1 ? "1 test recorded" : `${testsRecorded} tests recorded`;
}

function newestRun({ runs }: TraceSummary): TraceSummary["runs"][number] | null {
  return runs.reduce<TraceSummary["runs"][number] | null>(
    (a, b) => (a === null || b.startedAt > a.startedAt ? b : a),
    null,
  );
}
