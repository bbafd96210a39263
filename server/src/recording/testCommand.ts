/** What decides how a project runs its tests; file contents are null where the file is missing. */
export interface ProjectFacts {
  readonly pyproject: string | null;
  readonly pytestIni: string | null;
  readonly setupCfg: string | null;
  readonly toxIni: string | null;
  readonly conftest: boolean;
  readonly managePy: boolean;
}

/** @param read a file of the project's folder by its name; null where there is none */
export function projectFacts(read: (name: string) => string | null): ProjectFacts {
  return {
    pyproject: read("pyproject.toml"),
    pytestIni: read("pytest.ini"),
    setupCfg: read("setup.cfg"),
    toxIni: read("tox.ini"),
    conftest: read("conftest.py") !== null,
    managePy: read("manage.py") !== null,
  };
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
