import { describe, expect, test } from "vitest";
import type { Run } from "../trace/model.ts";
import { type CommandSources, commandFor } from "./chooseCommand.ts";
import { interpreterOf, ownInterpreters } from "./interpreters.ts";
import { recordWords } from "./recordWords.ts";
import { projectFacts } from "./testCommand.ts";

const files: Readonly<Record<string, string>> = { "manage.py": "", "pytest.ini": "" };
const facts = projectFacts((name) => files[name] ?? null);
const tests = ["shop/tests.py::T::test_a"];

type RecordedRun = Pick<Run, "id" | "state" | "command" | "root">;

function run(id: string, command: string, members: Partial<RecordedRun> = {}): RecordedRun {
  return { id, state: "complete", command: command.split(" "), root: "/srv/shop", ...members };
}

function choose(sources: Partial<CommandSources>): string | null {
  const all = {
    setting: "",
    runs: [],
    root: "/srv/shop",
    python: "py",
    pythonAsked: false,
    facts,
    exists: () => false,
  };
  return commandFor(tests, { ...all, ...sources })?.join(" ") ?? null;
}

describe("the command that runs certain tests", () => {
  test("is the setting's first", () => {
    const runs = [run("1", "pytest -q")];
    expect(choose({ setting: "pytest -n 4", runs })).toBe("pytest shop/tests.py::T::test_a -n 4");
    expect(choose({ setting: ["python", "manage.py", "test"], runs })).toBe(
      "python manage.py test shop.tests.T.test_a",
    );
  });

  test("is the recorded one where the setting takes no names, or there is none", () => {
    const runs = [run("1", "pytest -q"), run("2", "pytest -v", { state: "partial" })];
    expect(choose({ setting: "make test", runs })).toBe("pytest shop/tests.py::T::test_a -q");
    expect(choose({ runs: [run("1", "pytest -q"), run("3", "pytest -s")] })).toBe("pytest shop/tests.py::T::test_a -s");
    expect(choose({ runs: [run("2", "pytest -v -k a", { state: "partial" })] })).toBe(
      "pytest shop/tests.py::T::test_a -v",
    );
  });

  test("is never another machine's, a server's or one that is gone", () => {
    const runs = [
      run("1", "pytest -q", { root: "/app" }),
      run("2", "python manage.py runserver"),
      run("3", "/gone/bin/pytest -q"),
    ];
    expect(choose({ runs })).toBe("py -m pytest shop/tests.py::T::test_a");
  });

  test("runs with the interpreter that was asked for, or one that is there", () => {
    const runs = [run("1", "/old/bin/python -m pytest -q")];
    expect(choose({ runs })).toBe("py -m pytest shop/tests.py::T::test_a -q");
    expect(choose({ runs, exists: (file) => file === "/old/bin/python" })).toBe(
      "/old/bin/python -m pytest shop/tests.py::T::test_a -q",
    );
    expect(choose({ runs, exists: () => true, pythonAsked: true })).toBe("py -m pytest shop/tests.py::T::test_a -q");
  });

  test("is what the configuration says where nothing usable was recorded", () => {
    expect(choose({})).toBe("py -m pytest shop/tests.py::T::test_a");
    expect(choose({ facts: { ...facts, pytestIni: null } })).toBe("py manage.py test shop.tests.T.test_a");
    expect(choose({ facts: { ...facts, pytestIni: null, managePy: false } })).toBeNull();
  });
});

test("the project's own interpreters", () => {
  expect(ownInterpreters("/srv/shop", "linux")[0]).toBe("/srv/shop/.venv/bin/python");
  expect(ownInterpreters("C:\\shop", "win32")[1]).toBe("C:\\shop\\venv\\Scripts\\python.exe");
  expect(interpreterOf(["/srv/.venv/bin/python3.13", "-m", "pytest"])).toBe("/srv/.venv/bin/python3.13");
  expect(interpreterOf(["python", "-m", "pytest"])).toBeNull();
  expect(interpreterOf(["/usr/bin/pytest"])).toBeNull();
});

test("the words that record", () => {
  expect(recordWords(["pytest"], { parameters: true })).toEqual(["-m", "querysight", "record", "--", "pytest"]);
  expect(recordWords(["pytest"], { parameters: false, root: "/srv" }).join(" ")).toBe(
    "-m querysight record --root /srv --no-parameters -- pytest",
  );
});
