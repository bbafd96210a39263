import { parse, TomlError } from "smol-toml";
import * as z from "zod/mini";
import { isInside } from "./paths.ts";
import type { SettingProblem } from "./settingProblem.ts";
import { lineOfKey } from "./tomlLines.ts";

/** What a team shares: `[tool.querysight]` in pyproject.toml. */
export interface ProjectSettings {
  /** By rule; a rule that is not named keeps its defaults. */
  readonly rules: RulesTable;
  /** What holds for some files only, in the order in which it is written: the last that matches counts. */
  readonly perPath: readonly { readonly pattern: string; readonly rules: RulesTable }[];
  /** Patterns of files whose findings are not shown, as in `.gitignore`. */
  readonly ignore: readonly string[];
  /** Where code recorded elsewhere lies in this project: absolute folders there, relative folders here. */
  readonly pathMappings: readonly { readonly from: string; readonly to: string }[];
  /** So many runs of which nothing counts any more are kept on disk. */
  readonly keepRuns: number;
}

export type RulesTable = Readonly<Record<string, RuleSetting>>;

/** What is left out keeps the rule's default. */
export interface RuleSetting {
  readonly severity?: RuleSeverity;
  /** Findings of fewer queries in their costliest scope are not told. */
  readonly minQueries?: number;
}

export type RuleSeverity = "off" | "hint" | "information" | "warning" | "error";

const defaults: ProjectSettings = { rules: {}, perPath: [], ignore: [], pathMappings: [], keepRuns: 3 };

const severity = z.enum(["off", "hint", "information", "warning", "error"]);
const minQueries = z.int().check(z.minimum(0), z.maximum(1_000_000));

/** One schema a key, with what is said where a value does not fit. */
const keys = {
  rules: {
    schema: z.record(z.string(), z.unknown()),
    wants: 'a table of rules, such as n-plus-one = "warning"',
  },
  "per-path": {
    schema: z.record(z.string().check(z.minLength(1)), z.record(z.string(), z.unknown())),
    wants: 'a table from path patterns to tables of rules, such as "reports/**" = { n-plus-one = "off" }',
  },
  ignore: {
    schema: z.array(z.string().check(z.minLength(1))),
    wants: 'a list of path patterns, such as ["legacy/**"]',
  },
  "path-mappings": {
    schema: z.record(
      z.string().check(z.regex(/^(\/|[A-Za-z]:[\\/])/)),
      z.string().check(z.refine((to) => to === "." || isInside(to))),
    ),
    wants: 'a table from absolute folders in the recording to folders of this project, such as "/app" = "."',
  },
  "keep-runs": { schema: z.int().check(z.minimum(0), z.maximum(1000)), wants: "a whole number from 0 to 1000" },
} as const;

interface Result {
  readonly settings: ProjectSettings;
  readonly problems: readonly SettingProblem[];
}

/** Never throws. A value that does not fit is told, and its default holds; so is a key that does not exist. */
export function readProjectSettings(pyproject: string, rules: readonly string[]): Result {
  const problems: SettingProblem[] = [];
  const tell = (path: readonly string[], message: string) => {
    const line = lineOfKey(pyproject, ["tool", "querysight", ...path]);
    problems.push({ file: "pyproject.toml", line, message });
  };
  const table = ownTable(pyproject, problems, tell);
  for (const key of Object.keys(table)) {
    if (!Object.hasOwn(keys, key)) tell([key], `${unknown(key, Object.keys(keys))} under [tool.querysight].`);
  }

  function read<K extends keyof typeof keys>(key: K): z.infer<(typeof keys)[K]["schema"]> | undefined {
    if (table[key] === undefined) return undefined;
    const { schema, wants } = keys[key];
    const parsed = schema.safeParse(table[key]);
    if (parsed.success) return parsed.data as z.infer<(typeof keys)[K]["schema"]>;
    tell([key], `${key} must be ${wants}; it was ignored.`);
    return undefined;
  }

  const mappings = read("path-mappings");
  const readRules = (given: Readonly<Record<string, unknown>>, path: readonly string[]) =>
    rulesTable(given, rules, path, (rest, message) => tell([...path, ...rest], message));
  const settings = {
    rules: readRules(read("rules") ?? {}, ["rules"]),
    perPath: Object.entries(read("per-path") ?? {}).map(([pattern, given]) => ({
      pattern,
      rules: readRules(given, ["per-path", pattern]),
    })),
    ignore: read("ignore") ?? defaults.ignore,
    pathMappings: Object.entries(mappings ?? {}).map(([from, to]) => ({ from, to: to === "." ? "" : to })),
    keepRuns: read("keep-runs") ?? defaults.keepRuns,
  };
  return { settings, problems };
}

function ownTable(
  pyproject: string,
  problems: SettingProblem[],
  tell: (path: readonly string[], message: string) => void,
): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = parse(pyproject.replace(/^\uFEFF/, ""));
  } catch (error) {
    const line = error instanceof TomlError ? error.line : null;
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    problems.push({ file: "pyproject.toml", line, message: `pyproject.toml cannot be read, so defaults hold: ${why}` });
    return {};
  }
  const own = member(member(document, "tool"), "querysight");
  if (own === undefined) return {};
  if (isTable(own)) return own;
  tell([], "tool.querysight must be a table; it was ignored.");
  return {};
}

function rulesTable(
  given: Readonly<Record<string, unknown>>,
  rules: readonly string[],
  path: readonly string[],
  tell: (path: readonly string[], message: string) => void,
): RulesTable {
  const result: Record<string, RuleSetting> = {};
  for (const [rule, value] of Object.entries(given)) {
    if (!rules.includes(rule)) tell([rule], `${unknown(rule, rules)} under [tool.querysight.${path.join(".")}].`);
    else result[rule] = isTable(value) ? ruleMembers(rule, value, tell) : { ...severityOf(rule, value, [rule], tell) };
  }
  return result;
}

/** `{ severity = "warning", min-queries = 10 }` */
function ruleMembers(
  rule: string,
  members: Readonly<Record<string, unknown>>,
  tell: (path: readonly string[], message: string) => void,
): RuleSetting {
  let setting: RuleSetting = {};
  for (const [name, value] of Object.entries(members)) {
    const path = [rule, name];
    if (name === "severity") setting = { ...setting, ...severityOf(rule, value, path, tell) };
    else if (name === "min-queries") {
      const parsed = minQueries.safeParse(value);
      if (parsed.success) setting = { ...setting, minQueries: parsed.data };
      else tell(path, `min-queries of ${rule} must be a whole number from 0 to 1000000; its default holds.`);
    } else tell(path, `${unknown(name, ["severity", "min-queries"])} for the rule ${rule}.`);
  }
  return setting;
}

/** Empty for `true`, which is the rule's own severity, and for what is none. */
function severityOf(
  rule: string,
  value: unknown,
  path: readonly string[],
  tell: (path: readonly string[], message: string) => void,
): RuleSetting {
  const parsed = severity.safeParse(value === false ? "off" : value);
  if (parsed.success) return { severity: parsed.data };
  if (value !== true)
    tell(path, `${rule} must be true, false or one of ${severity.options.join(", ")}; its default holds.`);
  return {};
}

function unknown(key: string, known: readonly string[]): string {
  const plain = (name: string) => name.toLowerCase().replace(/[-_]/g, "");
  const meant = known.find((name) => plain(name) === plain(key));
  return meant === undefined ? `There is no ${key}` : `There is no ${key}, but ${meant},`;
}

function member(value: unknown, name: string): unknown {
  return isTable(value) ? value[name] : undefined;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
