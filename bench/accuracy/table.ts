import { atLeast, atMost, type Result, result } from "../results.ts";
import type { Applied, Oracle, Tried } from "./bench.ts";
import type { Project } from "./project.ts";
import type { Outcome } from "./score.ts";

export function results(
  project: Project,
  outcomes: readonly Outcome[],
  tried: readonly Tried[],
  together: Applied | null,
): readonly Result[] {
  const counted = outcomes.filter(({ state }) => state === "in");
  const growing = counted.filter(({ constant }) => !constant);
  const share = (among: readonly Outcome[], of: (outcome: Outcome) => boolean) =>
    (100 * among.filter(of).length) / Math.max(1, among.length);
  const out = (state: Outcome["state"]) => outcomes.filter((outcome) => outcome.state === state).length;
  const wrong = tried.filter(({ finding }) => project.verdicts[finding.id]?.verdict === "wrong").length;
  const unread = tried.filter(({ finding }) => project.verdicts[finding.id] === undefined).length;
  const harmful = [...counted.map(({ harmed }) => harmed), ...tried.map(({ applied }) => applied?.harmed)].filter(
    (tests) => tests !== null && tests !== undefined,
  );
  return [
    result(`${project.name}: arguments`, outcomes.length, ""),
    result("out: no test executes it", out("never executed"), ""),
    result("out: in a manager's method that tests alone call", out("called by tests alone"), ""),
    result("out: never brought into play", out("not brought into play"), ""),
    result("out: the code does not run without it", out("does not run without it"), ""),
    result("in", counted.length, ""),
    result("of them at a cost that does not grow with rows", counted.length - growing.length, ""),
    ...[
      { of: "", among: counted },
      { of: ", where the cost grows with rows", among: growing },
    ].flatMap(({ of, among }) => [
      atLeast(
        90,
        `found${of}`,
        share(among, ({ found }) => found),
        "%",
      ),
      atLeast(
        85,
        `right place${of}`,
        share(among, ({ rightPlace }) => rightPlace),
        "%",
      ),
      result(
        `right fix${of}`,
        share(among, ({ rightFix }) => rightFix),
        "%",
      ),
    ]),
    result("findings of the unchanged project", tried.length, ""),
    result("false among them", wrong, ""),
    result("without a verdict", unread, ""),
    result("fixes applied", harmful.length, ""),
    atMost(0, "harmful fixes", harmful.filter((tests) => tests.length > 0).length, ""),
    ...(together === null ? [] : [atMost(0, "tests that all fixes together break", together.harmed.length, "")]),
  ];
}

export function markdown(
  project: Project,
  oracle: Oracle,
  outcomes: readonly Outcome[],
  tried: readonly Tried[],
  together: Applied | null,
): string {
  const rows = outcomes.map((outcome) => [
    code(outcome.name),
    outcome.state === "in" ? `${outcome.extra}${outcome.constant ? ", constant" : ""}` : "-",
    outcome.state === "in" ? yes(outcome.found) : `out: ${outcome.state}`,
    outcome.state === "in" ? yes(outcome.rightPlace) : "",
    outcome.state === "in" ? yes(outcome.rightFix) : "",
    outcome.harmed === null ? "" : yes(outcome.harmed.length > 0),
    project.remarks[outcome.name] ?? "",
  ]);
  const findings = tried.map(({ finding, applied }) => [
    `\`${finding.id}\``,
    code(`${finding.file}:${finding.line}`),
    finding.site.file === finding.file && finding.site.line === finding.line
      ? "not written"
      : code(`${finding.site.file}:${finding.site.line}`),
    finding.confidence,
    applied === null ? "" : `-${applied.saved} +${applied.added}${applied.harmed.length > 0 ? ", breaks tests" : ""}`,
    project.verdicts[finding.id]?.verdict ?? "unread",
    project.verdicts[finding.id]?.why ?? "",
  ]);
  return [
    table(["argument", "more SELECTs", "found", "right place", "right fix", "harmful", "remark"], rows),
    `Calls without arguments, from which nothing can be taken: ${oracle.bare.map(code).join(", ") || "none"}.`,
    table(["finding", "where it loads", "queryset", "confidence", "SELECTs with its fix", "verdict", "why"], findings),
    together === null
      ? ""
      : `All fixes together, all tests: -${together.saved} +${together.added} SELECTs; broken tests: ${together.harmed.map(code).join(", ") || "none"}.`,
  ].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
