import type { Run } from "../trace/model.ts";
import { isPython } from "./interpreters.ts";
import { runnerOf, selectTests } from "./selectTests.ts";
import { type ProjectFacts, testCommand, words } from "./testCommand.ts";

/** What a project tells of how its tests are run. */
export interface CommandSources {
  /** `querysight.record.command`; "" where it is not set, as in the terminal. */
  readonly setting: string | readonly string[];
  /** Those that were recorded. */
  readonly runs: readonly Pick<Run, "id" | "state" | "command" | "root">[];
  /** The project's folder here. A run of another one (a container's) has another machine's command. */
  readonly root: string;
  /** The interpreter to run with. */
  readonly python: string;
  /** It was asked for by name: it also takes the place of the one in a recorded command. */
  readonly pythonAsked: boolean;
  readonly facts: ProjectFacts;
  /** Whether a path names something, absolute or from the root. */
  readonly exists: (path: string) => boolean;
}

/**
 * The command that runs just these tests, as the project runs all of them: by the setting, else as last recorded here (a complete
 * run before a partial one), else as its configuration says. Null where no command is known that takes the names of tests.
 */
export function commandFor(tests: readonly string[], sources: CommandSources): readonly string[] | null {
  for (const command of candidates(sources)) {
    const selected = selectTests(command, tests, sources.exists);
    if (selected !== null) return selected;
  }
  return null;
}

function* candidates(sources: CommandSources): Generator<readonly string[]> {
  const { setting, runs, root, python, pythonAsked, facts, exists } = sources;
  yield typeof setting === "string" ? words(setting) : setting;
  const here = runs.filter((run) => run.root === root && runnerOf(run.command) !== null).sort(newestFirst);
  for (const { command } of [...here.filter(isComplete), ...here.filter((run) => !isComplete(run))]) {
    const [first = "", ...rest] = command;
    if (isPython(first) && (pythonAsked || (/[\\/]/.test(first) && !exists(first)))) yield [python, ...rest];
    else if (!/[\\/]/.test(first) || exists(first)) yield command;
  }
  yield testCommand("", python, facts) ?? [];
}

function isComplete({ state }: Pick<Run, "state">): boolean {
  return state === "complete";
}

function newestFirst(a: Pick<Run, "id">, b: Pick<Run, "id">): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
