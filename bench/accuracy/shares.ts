import type { Applied, Tried } from "./bench.ts";
import type { Project, Verdict } from "./project.ts";
import type { Outcome, State } from "./score.ts";

/** What came out of one project; kept as `outcome.json`. */
export interface Run {
  readonly project: string;
  /** The project's, for which the verdicts were given. */
  readonly commit: string | null;
  /** Of the tool. */
  readonly build: string;
  /** Of the application's code, neither blank nor comments alone. */
  readonly lines: number;
  /** Calls without arguments, as `path:line`. */
  readonly bare: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly tried: readonly Tried[];
  readonly together: Applied | null;
}

/** Each project's parts as one run, the arguments in the order of their files and lines. */
export function joined(runs: readonly Run[]): readonly Run[] {
  return Array.from(Map.groupBy(runs, ({ project }) => project).values(), (parts) => {
    const [first] = parts;
    if (first === undefined || parts.some(({ build }) => build !== first.build))
      throw new Error(`The parts of ${first?.project} are not of one build.`);
    const outcomes = parts.flatMap((part) => part.outcomes);
    return {
      ...first,
      outcomes: outcomes.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
      tried: parts.flatMap((part) => part.tried),
      together: parts.find(({ together }) => together !== null)?.together ?? null,
    };
  });
}

export interface Shares {
  readonly arguments: number;
  readonly out: Readonly<Record<Exclude<State, "in">, number>>;
  readonly in: number;
  readonly found: number;
  readonly rightPlace: number;
  readonly rightFix: number;
  /** Of the arguments that save a constant number of queries: nothing was said of them. */
  readonly silent: number;
  /** The same with these arguments counted in. */
  readonly withConstant: Pick<Shares, "in" | "found" | "rightPlace" | "rightFix">;
  readonly lines: number;
  readonly findings: number;
  readonly wrong: number;
  /** Findings and warnings alike, of the unchanged project, on 1,000 lines of its code. */
  readonly wrongPerThousand: number;
  readonly unread: number;
  readonly applied: number;
  /** Fixes that break a test: of what is in, and of the unchanged project. */
  readonly harmful: number;
  /** Fixes that break a test where the argument saves a constant number. */
  readonly harmfulConstant: number;
  readonly brokenTogether: number;
  readonly savedTogether: number;
}

/** Of one project or of several together: all of it over the same set, what is in. */
export function sharesOf(runs: readonly Run[], verdictsOf: (run: Run) => Project["verdicts"]): Shares {
  const outcomes = runs.flatMap((run) => run.outcomes);
  const counted = outcomes.filter(({ state }) => state === "in");
  const constant = outcomes.filter(({ state }) => state === "saves a constant number");
  const out = (state: State) => outcomes.filter((outcome) => outcome.state === state).length;
  const tried = runs.flatMap((run) => run.tried);
  const verdicts = runs.flatMap((run) => run.tried.map(({ finding }) => verdictsOf(run)[finding.id]));
  const wrong = verdicts.filter((given: Verdict | undefined) => given?.verdict === "wrong").length;
  const fixes = [...counted.map(({ harmed }) => harmed), ...tried.map(({ applied }) => applied?.harmed ?? null)].filter(
    (harmed) => harmed !== null,
  );
  const together = runs.flatMap((run) => run.together ?? []);
  const lines = runs.reduce((total, run) => total + run.lines, 0);
  return {
    arguments: outcomes.length,
    out: {
      "never executed": out("never executed"),
      "called by tests alone": out("called by tests alone"),
      "not brought into play": out("not brought into play"),
      "does not run without it": out("does not run without it"),
      "saves a constant number": constant.length,
    },
    ...hits(counted),
    silent: constant.filter(({ found }) => !found).length,
    withConstant: hits([...counted, ...constant]),
    lines,
    findings: tried.length,
    wrong,
    wrongPerThousand: (1000 * wrong) / Math.max(1, lines),
    unread: verdicts.filter((given) => given === undefined).length,
    applied: fixes.length,
    harmful: fixes.filter((harmed) => harmed.length > 0).length,
    harmfulConstant: constant.filter(({ harmed }) => (harmed?.length ?? 0) > 0).length,
    brokenTogether: together.reduce((total, { harmed }) => total + harmed.length, 0),
    savedTogether: together.reduce((total, { saved, added }) => total + saved - added, 0),
  };
}

function hits(among: readonly Outcome[]): Shares["withConstant"] {
  return {
    in: among.length,
    found: among.filter(({ found }) => found).length,
    rightPlace: among.filter(({ rightPlace }) => rightPlace).length,
    rightFix: among.filter(({ rightFix }) => rightFix).length,
  };
}

export function percent(part: number, of: number): number {
  return (100 * part) / Math.max(1, of);
}
