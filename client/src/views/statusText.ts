import type { ProjectStatus } from "../../../server/src/protocol.ts";

export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly warning: boolean;
}

/** The status item's words for all projects of the workspace. `now` in ms since the epoch. */
export function statusText(projects: readonly ProjectStatus[], now: number): StatusText {
  const unavailable = projects.find((project) => project.state === "unavailable");
  if (unavailable) return { text: "Querysight: cannot read the recording", detail: unavailable.message, warning: true };

  const known = projects.filter((project) => project.state !== "empty");
  if (known.length === 0) return { text: "Querysight: nothing recorded yet", detail: "", warning: false };

  const sum = (of: (project: ProjectStatus) => number) => known.reduce((total, project) => total + of(project), 0);
  const recorded = sum((project) => project.testsRecorded);
  const collected = sum((project) => project.testsCollected);
  const tests =
    collected > recorded ? `${recorded} of ${collected} tests recorded` : `${plural(recorded, "test")} recorded`;
  const findings = sum((project) => project.findings);
  const newest = Math.max(0, ...known.map((project) => project.recordedAt ?? 0));
  const problems = known.flatMap((project) => project.problems);
  const details = [
    findings === 0 ? "no problems found" : `${plural(findings, "problem")} found`,
    newest > 0 ? ageOf(now - newest) : "",
    problems.length > 0 ? `${plural(problems.length, "part")} of the recording could not be read` : "",
  ];
  return { text: `Querysight: ${tests}`, detail: details.filter(Boolean).join(", "), warning: problems.length > 0 };
}

/** "recorded 5 minutes ago" for an age in ms. */
export function ageOf(ms: number): string {
  const steps = [
    { unit: "day", ms: 86_400_000 },
    { unit: "hour", ms: 3_600_000 },
    { unit: "minute", ms: 60_000 },
  ];
  for (const step of steps) {
    const count = Math.floor(ms / step.ms);
    if (count >= 1) return `recorded ${plural(count, step.unit)} ago`;
  }
  return "recorded just now";
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
