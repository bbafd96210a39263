import { describe, expect, it } from "vitest";
import { type ProjectFacts, testCommand, words } from "./testCommand.ts";

const nothing: ProjectFacts = {
  pyproject: null,
  pytestIni: null,
  setupCfg: null,
  toxIni: null,
  conftest: false,
  managePy: false,
};

describe("the command that runs the tests", () => {
  it("is the setting's, word for word", () => {
    expect(testCommand("pytest -n auto -k 'a b'", "py", { ...nothing, managePy: true })).toEqual([
      "pytest",
      "-n",
      "auto",
      "-k",
      "a b",
    ]);
    expect(testCommand(["tox", "-e", "py"], "py", nothing)).toEqual(["tox", "-e", "py"]);
  });

  it.each<[string, Partial<ProjectFacts>]>([
    ["pytest.ini", { pytestIni: "" }],
    ["pyproject.toml", { pyproject: "[tool.pytest.ini_options]\n" }],
    ["setup.cfg", { setupCfg: "[tool:pytest]\n" }],
    ["tox.ini", { toxIni: "[pytest]\n" }],
    ["conftest.py", { conftest: true }],
  ])("is pytest where %s says so, even beside a manage.py", (_, facts) => {
    expect(testCommand("", "py", { ...nothing, managePy: true, ...facts })).toEqual(["py", "-m", "pytest"]);
  });

  it("is manage.py test where nothing speaks of pytest", () => {
    const facts = { ...nothing, managePy: true, pyproject: "[tool.ruff]\n", setupCfg: "[flake8]\n" };
    expect(testCommand("", "py", facts)).toEqual(["py", "manage.py", "test"]);
  });

  it("is unknown for a folder without either", () => {
    expect(testCommand("", "py", nothing)).toBeNull();
  });
});

describe("words", () => {
  it("keeps quoted parts together and strips the quotes", () => {
    expect(words(`a "b c"d 'e f' `)).toEqual(["a", "b cd", "e f"]);
    expect(words("   ")).toEqual([]);
  });
});
