import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../../scripts/lib/process.ts";

/** What somebody who read the code says of a finding of the unchanged project. */
export interface Verdict {
  readonly verdict: "right" | "wrong";
  readonly why: string;
}

/** How a real project is run, and what reading it told. `bench/accuracy/projects/<name>.json`; every member but `name` may be left out. */
export interface Project {
  readonly name: string;
  /** A file that only this project has: it tells which description fits a checkout. */
  readonly recognise: string;
  /** The commit that the verdicts are about. */
  readonly commit: string | null;
  /** Folders with application code. */
  readonly sources: readonly string[];
  /** Patterns (fnmatch) of what is no application code: tests, migrations. */
  readonly exclude: readonly string[];
  /** Without the tests' names; `{python}`, `{checkout}` and `{settings}` (`bench/accuracy/settings`) are filled in, also in `environment`. */
  readonly command: readonly string[];
  /** What stands behind the command where all tests are to run. */
  readonly all: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** By a finding's id. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Why a case is missed or wrong, by `path:line argument`. */
  readonly remarks: Readonly<Record<string, string>>;
}

const folder = join(import.meta.dirname, "projects");

/** The description that fits the checkout; without one, what most Django projects are like. */
export function projectOf(checkout: string): Project {
  for (const name of readdirSync(folder).sort()) {
    const described = { ...usual(checkout), ...(JSON.parse(readFileSync(join(folder, name), "utf8")) as Project) };
    if (existsSync(join(checkout, described.recognise))) return described;
  }
  return usual(checkout);
}

/** By its name; what is not described has no verdicts. */
export function projectNamed(name: string): Project {
  const path = join(folder, `${name}.json`);
  return { ...usual(name), ...(existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Project) : {}) };
}

function usual(checkout: string): Project {
  const has = (name: string, text: RegExp) =>
    existsSync(join(checkout, name)) && text.test(readFileSync(join(checkout, name), "utf8"));
  const isPytest = has("pytest.ini", /./) || has("pyproject.toml", /tool\.pytest/) || has("setup.cfg", /tool:pytest/);
  return {
    name: checkout.replace(/^.*[/\\]/, ""),
    recognise: "",
    commit: null,
    sources: ["."],
    exclude: [
      "*/tests/*",
      "tests/*",
      "*/tests.py",
      "test_*.py",
      "*/test_*.py",
      "*conftest.py",
      "*/migrations/*",
      ".venv/*",
      "venv/*",
      "env/*",
    ],
    command: isPytest
      ? ["{python}", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
      : ["{python}", "manage.py", "test"],
    all: [],
    environment: {},
    verdicts: {},
    remarks: {},
  };
}

export function pythonIn(checkout: string, given: string | null): string {
  const candidates = [given, ...[".venv", "venv", "env"].map((name) => join(checkout, name, "bin", "python"))];
  const found = candidates.find((path) => path !== null && existsSync(path));
  if (found === undefined || found === null) {
    throw new Refusal("name the Python that runs the project's tests: --python <interpreter>.");
  }
  return found;
}
