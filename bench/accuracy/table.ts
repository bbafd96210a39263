import { atLeast, atMost, below, type Result, result } from "../results.ts";
import type { Tried } from "./bench.ts";
import type { Project } from "./project.ts";
import type { Outcome } from "./score.ts";
import { percent, type Run, type Shares } from "./shares.ts";

/** The figures with the goals; those are set for all projects together, and are the measure for each one. */
export function results(name: string, shares: Shares): readonly Result[] {
  const { out, withConstant } = shares;
  return [
    result(`${name}: arguments`, shares.arguments, ""),
    result("out: no test executes it", out["never executed"], ""),
    result("out: in a manager's method that tests alone call", out["called by tests alone"], ""),
    result("out: never brought into play", out["not brought into play"], ""),
    result("out: the code does not run without it", out["does not run without it"], ""),
    result("out: saves a constant number of queries", out["saves a constant number"], ""),
    result("of them, silent as is right", shares.silent, ""),
    result("in", shares.in, ""),
    atLeast(95, "found", percent(shares.found, shares.in), "%"),
    atLeast(90, "right place", percent(shares.rightPlace, shares.in), "%"),
    atLeast(90, "right fix", percent(shares.rightFix, shares.in), "%"),
    result("found, with what saves a constant number", percent(withConstant.found, withConstant.in), "%"),
    result("right place, with what saves a constant number", percent(withConstant.rightPlace, withConstant.in), "%"),
    result("right fix, with what saves a constant number", percent(withConstant.rightFix, withConstant.in), "%"),
    result("lines of application code", shares.lines, ""),
    result("findings of the unchanged project", shares.findings, ""),
    result("false among them", shares.wrong, ""),
    below(1, "false on 1,000 lines", shares.wrongPerThousand, ""),
    result("without a verdict", shares.unread, ""),
    result("fixes applied", shares.applied, ""),
    atMost(0, "harmful fixes", shares.harmful, ""),
    atMost(0, "harmful fixes where the number saved is constant", shares.harmfulConstant, ""),
    atMost(0, "tests that all fixes together break", shares.brokenTogether, ""),
  ];
}

/** One column for each run, and one for all. */
export function overview(columns: readonly (readonly [name: string, shares: Shares])[]): string {
  const share = (part: number, of: number) => `${part} of ${of} (${Math.round(percent(part, of))} %)`;
  const rows: readonly (readonly [string, (shares: Shares) => string])[] = [
    ["arguments", (shares) => `${shares.arguments}`],
    ["out: no test executes it", ({ out }) => `${out["never executed"]}`],
    ["out: in a manager's method that tests alone call", ({ out }) => `${out["called by tests alone"]}`],
    ["out: never brought into play", ({ out }) => `${out["not brought into play"]}`],
    ["out: does not run without it", ({ out }) => `${out["does not run without it"]}`],
    [
      "out: saves a constant number of queries, where silence is right",
      ({ out }) => `${out["saves a constant number"]}`,
    ],
    ["silent about them", ({ silent, out }) => share(silent, out["saves a constant number"])],
    ["**in**", (shares) => `${shares.in}`],
    ["**found**", (shares) => share(shares.found, shares.in)],
    ["**right place**", (shares) => share(shares.rightPlace, shares.in)],
    ["**right fix**", (shares) => share(shares.rightFix, shares.in)],
    ["found, were the constant ones in", ({ withConstant }) => share(withConstant.found, withConstant.in)],
    ["right place, were the constant ones in", ({ withConstant }) => share(withConstant.rightPlace, withConstant.in)],
    ["right fix, were the constant ones in", ({ withConstant }) => share(withConstant.rightFix, withConstant.in)],
    ["lines of application code", ({ lines }) => lines.toLocaleString("en")],
    ["findings of the unchanged project", ({ findings }) => `${findings}`],
    ["false among them", ({ wrong }) => `${wrong}`],
    ["**false on 1,000 lines**", ({ wrongPerThousand }) => wrongPerThousand.toFixed(2)],
    ["without a verdict", ({ unread }) => `${unread}`],
    ["fixes applied, one at a time", ({ applied }) => `${applied}`],
    ["**harmful**", ({ harmful, harmfulConstant }) => `${harmful + harmfulConstant}`],
    ["tests that all fixes together break", ({ brokenTogether }) => `${brokenTogether}`],
    ["SELECTs that all fixes together save", ({ savedTogether }) => savedTogether.toLocaleString("en")],
  ];
  return table(
    ["", ...columns.map(([name]) => name)],
    rows.map(([name, cell]) => [name, ...columns.map(([, shares]) => cell(shares))]),
  );
}

/** Each argument and each finding of one project. */
export function details(project: Project, { bare, outcomes, tried, together }: Run): string {
  const arguments_ = outcomes.filter(({ state }) => state !== "saves a constant number");
  const constant = outcomes.filter(({ state }) => state === "saves a constant number");
  return [
    table(
      ["argument", "more SELECTs", "found", "right place", "right fix", "harmful", "remark"],
      arguments_.map((outcome) => argumentRow(project, outcome)),
    ),
    "### Saves a constant number of queries",
    constant.length === 0
      ? "None."
      : table(
          ["argument", "more SELECTs", "silent", "remark"],
          constant.map(({ name, extra, found }) => [code(name), `${extra}`, yes(!found), project.remarks[name] ?? ""]),
        ),
    `Calls without arguments, from which nothing can be taken: ${bare.map(code).join(", ") || "none"}.`,
    "### Findings of the unchanged project",
    table(
      ["finding", "where it loads", "queryset", "confidence", "SELECTs with its fix", "verdict", "why"],
      tried.map((one) => findingRow(project, one)),
    ),
    together === null
      ? ""
      : `All fixes together, all tests: -${together.saved} +${together.added} SELECTs; broken tests: ${together.harmed.map(code).join(", ") || "none"}.`,
  ].join("\n\n");
}

function argumentRow(project: Project, outcome: Outcome): readonly string[] {
  const isIn = outcome.state === "in";
  return [
    code(outcome.name),
    isIn ? `${outcome.extra}` : "-",
    isIn ? yes(outcome.found) : `out: ${outcome.state}`,
    isIn ? yes(outcome.rightPlace) : "",
    isIn ? yes(outcome.rightFix) : "",
    outcome.harmed === null ? "" : yes(outcome.harmed.length > 0),
    project.remarks[outcome.name] ?? "",
  ];
}

function findingRow(project: Project, { finding, applied }: Tried): readonly string[] {
  return [
    `\`${finding.id}\``,
    code(`${finding.file}:${finding.line}`),
    finding.site.file === finding.file && finding.site.line === finding.line
      ? "not written"
      : code(`${finding.site.file}:${finding.site.line}`),
    finding.confidence,
    applied === null ? "" : `-${applied.saved} +${applied.added}${applied.harmed.length > 0 ? ", breaks tests" : ""}`,
    project.verdicts[finding.id]?.verdict ?? "unread",
    project.verdicts[finding.id]?.why ?? "",
  ];
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
