import { parseArgs } from "node:util";

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "report"; readonly folder: string; readonly json: boolean }
  /** Files and folders. */
  | { readonly kind: "static-report"; readonly paths: readonly string[]; readonly json: boolean }
  | FixCommand
  | { readonly kind: "guard"; readonly folder: string; readonly id: string }
  | { readonly kind: "usage"; readonly message: string };

export interface FixCommand {
  readonly kind: "fix";
  readonly folder: string;
  readonly ids: readonly string[] | "all";
  /** Null: the tests are not run. */
  readonly verify: { readonly python: string | null; readonly keep: boolean } | null;
  readonly json: boolean;
}

export const help = `querysight: what the Django ORM did when the tests ran

  querysight report [folder] [--json]           list the findings and the costliest endpoints
  querysight report --static [path...] [--json] read the code: what loops that no recorded test runs would ask for each row
  querysight fix [folder] (<id>... | --all)     edit the code: the named findings, or every safe fix
    --verify [--python PATH] [--keep] [--json]  then run the tests that execute the edited code, compare the
                                                queries, and take back what breaks a test (unless --keep)
  querysight guard [folder] <id | "GET /path/"> have a test keep the queries of that request, of a finding's costliest
                                                request, or of a scope of report --json
  querysight --help | --version

The folder is the project that was recorded (.querysight in it or above it); the current one by default.
Record it with: python -m querysight record -- pytest

Exit codes
  0  nothing found (hints and information aside); or every fix that was asked for is applied
  1  findings to act on; or some fix was withheld
  2  the command line is wrong
  3  nothing is recorded there
  4  the recording cannot be read here, a file cannot be written, or the tests cannot be run
  5  fix --verify: a test broke, or none ran to its end
`;

/** @param isFolder whether a word names a folder: what tells `fix demo n1-…` from `fix n1-… n1-…`. */
export function parseCommand(words: readonly string[], isFolder: (path: string) => boolean): Command {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(words);
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const [name, ...rest] = positionals;
  switch (name) {
    case undefined:
      return usage("Say what to do: report, fix or guard.");
    case "report":
    case "guard":
      for (const option of ["all", "verify", "keep", "python"] as const) {
        if (values[option] !== undefined) return usage(`--${option} belongs to fix.`);
      }
      if (name === "guard" && values.static !== undefined) return usage("--static belongs to report.");
      if (name === "guard") return guard(rest, values.json === true);
      if (values.static === true)
        return { kind: "static-report", paths: rest.length === 0 ? ["."] : rest, json: values.json === true };
      if (rest.length > 1) return usage(`report takes one folder, not ${rest.length}.`);
      return { kind: "report", folder: rest[0] ?? ".", json: values.json === true };
    case "fix":
      if (values.static !== undefined) return usage("--static belongs to report.");
      return fix(rest, values, isFolder);
    default:
      return usage(`There is no command ${JSON.stringify(name)}.`);
  }
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      version: { type: "boolean", short: "V" },
      json: { type: "boolean" },
      static: { type: "boolean" },
      all: { type: "boolean" },
      verify: { type: "boolean" },
      keep: { type: "boolean" },
      python: { type: "string" },
    },
  });
}

function fix(
  words: readonly string[],
  { all = false, verify = false, keep, python, json = false }: ReturnType<typeof parse>["values"],
  isFolder: (path: string) => boolean,
): Command {
  for (const [name, value] of Object.entries({ keep, python, json: json || undefined })) {
    if (value !== undefined && !verify) return usage(`--${name} belongs to fix --verify.`);
  }
  const [first, ...others] = words;
  const named = first !== undefined && (isFolder(first) || /[\\/]/.test(first) || all);
  const ids = named ? others : words;
  if (all && ids.length > 0) return usage("Give --all or the findings' ids, not both.");
  if (!all && ids.length === 0) return usage("Say which findings to fix: their ids, or --all.");
  return {
    kind: "fix",
    folder: named ? first : ".",
    ids: all ? "all" : ids,
    verify: verify ? { python: python ?? null, keep: keep ?? false } : null,
    json,
  };
}

function guard(words: readonly string[], json: boolean): Command {
  const [first, second, ...others] = words;
  if (json) return usage("--json belongs to report, and to fix --verify.");
  if (first === undefined || others.length > 0)
    return usage('Say what to guard: a request ("GET /orders/"), or the id of a finding or scope.');
  return second === undefined
    ? { kind: "guard", folder: ".", id: first }
    : { kind: "guard", folder: first, id: second };
}

function usage(message: string): Command {
  return { kind: "usage", message };
}
