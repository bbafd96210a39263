import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { editorSchema } from "./editorSettings.ts";
import { matcher } from "./globs.ts";
import { readSettings } from "./settings.ts";

const rules = ["n-plus-one"];

function project(pyproject: string | null) {
  return readSettings(pyproject, undefined, rules);
}

describe("project settings", () => {
  test("default where pyproject.toml, or our table, is absent", () => {
    for (const text of [null, "", '[project]\nname = "shop"\n']) {
      expect(project(text)).toMatchObject({
        settings: { rules: {}, perPath: [], ignore: [], pathMappings: [], keepRuns: 3 },
        problems: [],
      });
    }
  });

  test("are read", () => {
    const { settings, problems } = project(`
[tool.querysight]
ignore = ["legacy/**"]
keep-runs = 5

[tool.querysight.rules]
n-plus-one = "error"

[tool.querysight.path-mappings]
"/app" = "."
"/srv/lib" = "packages/lib"
`);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      rules: { "n-plus-one": { severity: "error" } },
      ignore: ["legacy/**"],
      keepRuns: 5,
      pathMappings: [
        { from: "/app", to: "" },
        { from: "/srv/lib", to: "packages/lib" },
      ],
    });
  });

  test("switch a rule off or leave it as it is by a boolean", () => {
    expect(project("[tool.querysight.rules]\nn-plus-one = false").settings.rules).toEqual({
      "n-plus-one": { severity: "off" },
    });
    expect(project("[tool.querysight.rules]\nn-plus-one = true")).toMatchObject({
      settings: { rules: { "n-plus-one": {} } },
      problems: [],
    });
  });

  test("say of a rule how grave it is and from how many queries on, for some files another thing", () => {
    const { settings, problems } = project(`
[tool.querysight.rules]
n-plus-one = { severity = "error", min-queries = 10 }

[tool.querysight.per-path."reports/**"]
n-plus-one = "off"

[tool.querysight.per-path]
"reports/live/*" = { n-plus-one = { min-queries = 100 } }
`);
    expect(problems).toEqual([]);
    expect(settings.rules).toEqual({ "n-plus-one": { severity: "error", minQueries: 10 } });
    expect(settings.perPath).toEqual([
      { pattern: "reports/**", rules: { "n-plus-one": { severity: "off" } } },
      { pattern: "reports/live/*", rules: { "n-plus-one": { minQueries: 100 } } },
    ]);
  });

  test.each([
    [
      "[tool.querysight.rules]\nn-plus-one.min_queries = 1",
      2,
      "There is no min_queries, but min-queries, for the rule",
    ],
    ["[tool.querysight.rules]\nn-plus-one.min-queries = -1", 2, "min-queries of n-plus-one must be a whole number"],
    ["[tool.querysight.rules]\nn-plus-one.severity = 3", 2, "n-plus-one must be true, false or one of off,"],
    ['[tool.querysight.per-path]\n"a/**" = "off"', 1, "per-path must be a table from path patterns"],
    ['[tool.querysight.per-path."a/**"]\nn-plus-two = "off"', 2, "There is no n-plus-two under"],
    ["[tool.querysight]\nkeep_runs = 1", 2, "There is no keep_runs, but keep-runs, under [tool.querysight]."],
    ["\n[tool.querysight.thresholds]\nrows = 1", 2, "There is no thresholds under [tool.querysight]."],
    ["[tool.querysight.rules]\nn-plus-two = true", 2, "There is no n-plus-two under [tool.querysight.rules]."],
    ['[tool.querysight]\nrules.n-plus-one = "loud"', 2, "n-plus-one must be true, false or one of off,"],
    ['[tool.querysight]\nignore = "legacy"', 2, "ignore must be a list of path patterns"],
    ["[tool.querysight]\n# how many\nkeep-runs = -1", 3, "keep-runs must be a whole number"],
    ['[tool.querysight.path-mappings]\n"/app" = "../other"', 1, "path-mappings must be a table"],
    ['[tool.querysight.path-mappings]\n"app" = "."', 1, "path-mappings must be a table"],
    ['[tool]\nquerysight = "on"', 2, "tool.querysight must be a table"],
    ["[tool.querysight]\nignore = [", 2, "pyproject.toml cannot be read, so defaults hold"],
  ])("tell what is wrong in %j, and where", (text, line, message) => {
    const { settings, problems } = project(text);
    expect(problems).toEqual([{ file: "pyproject.toml", line, message: expect.stringContaining(message) }]);
    expect(settings).toMatchObject({ ignore: [], pathMappings: [], keepRuns: 3 });
  });

  test("keep what is right beside what is wrong", () => {
    const { settings, problems } = project('[tool.querysight]\nignore = 1\nkeep-runs = 7\n"odd" = 2');
    expect(settings.keepRuns).toBe(7);
    expect(problems.map(({ line }) => line)).toEqual([4, 2]);
  });
});

describe("editor settings", () => {
  test("default to everything shown and everything detected", () => {
    const { settings, problems } = readSettings(null, null, rules);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      codeLens: { enabled: true },
      record: { command: "", parameters: true },
      python: { interpreter: "" },
    });
  });

  test("are taken as sent, also by a client that sends more than ours", () => {
    const sent = { hover: { enabled: false }, record: { command: ["pytest", "-n", "2"] }, other: 1 };
    const { settings, problems } = readSettings(null, sent, rules);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      hover: { enabled: false },
      codeLens: { enabled: true },
      record: { command: ["pytest", "-n", "2"], parameters: true },
    });
  });

  test("that do not fit are told one by one, and their defaults hold", () => {
    const sent = { hover: { enabled: "no" }, codeLens: 3, diagnostics: { enabled: false } };
    const { settings, problems } = readSettings(null, sent, rules);
    expect(problems.map(({ message }) => message)).toEqual([
      "The setting querysight.codeLens is not what it should be; its default holds.",
      "The setting querysight.hover.enabled is not what it should be; its default holds.",
    ]);
    expect(settings).toMatchObject({
      hover: { enabled: true },
      codeLens: { enabled: true },
      diagnostics: { enabled: false },
    });
    expect(readSettings(null, "nonsense", rules).settings.hover).toEqual({ enabled: true });
  });

  test("are those that package.json contributes, with the same defaults", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
      contributes: { configuration: { properties: Record<string, { default: unknown }> } };
    };
    const contributed = Object.entries(manifest.contributes.configuration.properties).map(
      ([name, property]) => [name, property.default] as const,
    );
    const ours = Object.entries(editorSchema.parse({})).flatMap(([group, members]) =>
      Object.entries(members).map(([name, value]) => [`querysight.${group}.${name}`, value] as const),
    );
    expect([...ours].sort()).toEqual([...contributed].sort());
  });
});

describe("path patterns", () => {
  test.each([
    ["legacy/**", "legacy/a/b.py", true],
    ["legacy", "legacy/a/b.py", true],
    ["legacy/", "shop/legacy/a.py", true],
    ["/legacy", "shop/legacy/a.py", false],
    ["shop/*.py", "shop/views.py", true],
    ["shop/*.py", "shop/api/views.py", false],
    ["**/migrations", "shop/migrations/0001.py", true],
    ["test_?.py", "shop/test_a.py", true],
    ["a.b", "axb", false],
    ["(x)", "(x)", true],
  ])("%j on %j: %j", (pattern, path, expected) => {
    expect(matcher([pattern])(path)).toBe(expected);
  });
});
