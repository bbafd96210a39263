/** What decides how a project runs its tests; file contents are null where the file is missing. */
export interface ProjectFacts {
  readonly pyproject: string | null;
  readonly pytestIni: string | null;
  readonly setupCfg: string | null;
  readonly toxIni: string | null;
  readonly conftest: boolean;
  readonly managePy: boolean;
}

/** The words after `record --`, or null where nothing says how the tests are run. `setting` is `querysight.record.command`. */
export function testCommand(
  setting: string | readonly string[],
  python: string,
  facts: ProjectFacts,
): readonly string[] | null {
  const own = typeof setting === "string" ? words(setting) : setting;
  if (own.length > 0) return own;
  if (configuresPytest(facts)) return [python, "-m", "pytest"];
  if (facts.managePy) return [python, "manage.py", "test"];
  return null;
}

function configuresPytest(facts: ProjectFacts): boolean {
  return (
    facts.pytestIni !== null ||
    facts.conftest ||
    /^\s*\[tool\.pytest(\.ini_options)?\]/m.test(facts.pyproject ?? "") ||
    /^\s*\[tool:pytest\]/m.test(facts.setupCfg ?? "") ||
    /^\s*\[pytest\]/m.test(facts.toxIni ?? "")
  );
}

/** Splits as a shell does for words, single and double quotes; nothing is expanded. */
export function words(command: string): readonly string[] {
  const found: string[] = [];
  for (const match of command.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)) {
    found.push(match[0].replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
  return found;
}
