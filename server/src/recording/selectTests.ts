import { fileOf, withoutParameters } from "../text/testIds.ts";

/** Which runner a command starts, and how it is told to run certain tests only. */

/** `at`: the word that starts the runner, behind which its arguments stand. */
interface RunnerWord {
  readonly runner: "pytest" | "django";
  readonly at: number;
}

/** The runner among a command's words, also behind `uv run` and the like; null where none of them takes the names of tests. */
export function runnerOf(command: readonly string[]): RunnerWord["runner"] | null {
  return runnerWord(command)?.runner ?? null;
}

/**
 * The command with these tests (ids of docs/segment-format.md) in place of whatever it selected; null where its words take no tests, or
 * none of these can be named to it. Parameters of tests are left out: all of a function's run. Where there are too many names for a
 * command line, their classes, their files, or in the end everything runs.
 *
 * @param exists whether a word names a file or folder, from where the command runs
 */
export function selectTests(
  command: readonly string[],
  tests: readonly string[],
  exists: (word: string) => boolean,
): readonly string[] | null {
  const found = runnerWord(command);
  if (found === null) return null;
  const before = command.slice(0, found.at + 1);
  const own = withoutSelection(command.slice(found.at + 1), found.runner, exists);
  const name = found.runner === "pytest" ? pytestName : djangoNames(before);
  for (const level of [withoutParameters, classOf, fileOf]) {
    const names = [...new Set(tests.flatMap((test) => name(level(test)) ?? []))];
    if (names.length === 0) return null;
    // First, since an option whose value may be left out (`--parallel`, `--cov`) would take the name behind it for that.
    if (names.join(" ").length <= longestSelection) return [...before, ...names, ...own];
  }
  return [...before, ...own];
}

/** Characters: Windows takes 32,767 for a whole command line. */
const longestSelection = 24_000;

function runnerWord(command: readonly string[]): RunnerWord | null {
  const names = command.map((word) => word.slice(Math.max(word.lastIndexOf("/"), word.lastIndexOf("\\")) + 1));
  const pytest = names.findIndex((name) => /^(pytest|py\.test)(\.exe)?$/.test(name));
  if (pytest !== -1) return { runner: "pytest", at: pytest };
  const test = names.findIndex((name, at) => name === "test" && isManage(names[at - 1] ?? ""));
  return test === -1 ? null : { runner: "django", at: test };
}

function isManage(name: string): boolean {
  return ["manage.py", "django-admin", "django-admin.exe", "django"].includes(name);
}

/** The options that are known; of others a word that follows is taken to be theirs where it names no file. */
const options = {
  pytest: {
    /** With a value; both go, since they could leave out what is asked for. */
    selecting: ["-k", "-m"],
    selectingAlone: ["--lf", "--last-failed", "--nf", "--new-first", "--ff", "--failed-first", "--sw", "--stepwise"],
    valued: [
      ...[
        "-c",
        "--config-file",
        "-n",
        "--numprocesses",
        "--maxprocesses",
        "--dist",
        "--tx",
        "-p",
        "-o",
        "--override-ini",
      ],
      ...["-W", "--pythonwarnings", "-r", "--tb", "--color", "--capture", "--maxfail", "--durations", "--verbosity"],
      ...["--rootdir", "--confcutdir", "--basetemp", "--junitxml", "--junit-xml", "--import-mode", "--log-level"],
      ...["--log-file", "--log-cli-level", "--ds", "--dc", "--ignore", "--ignore-glob", "--deselect", "--cov-config"],
      ...["--cov-report", "--timeout", "--reruns", "--html"],
    ],
  },
  django: {
    selecting: ["-k", "--tag", "--exclude-tag", "-p", "--pattern"],
    selectingAlone: [],
    valued: [
      ...["--settings", "--pythonpath", "-v", "--verbosity", "--testrunner", "-t", "--top-level-directory"],
      ...["--durations"],
    ],
  },
} as const;

/** The runner's own options without the tests, folders and filters that narrowed it down. */
function withoutSelection(
  words: readonly string[],
  runner: RunnerWord["runner"],
  exists: (word: string) => boolean,
): readonly string[] {
  const known: Readonly<Record<"selecting" | "selectingAlone" | "valued", readonly string[]>> = options[runner];
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const value = words[at + 1];
    const [name = ""] = word.split("=", 1);
    if (!word.startsWith("-") || known.selectingAlone.includes(word)) continue;
    if (known.selecting.includes(name)) {
      if (name === word) at += 1;
      continue;
    }
    kept.push(word);
    if (value === undefined || value.startsWith("-") || name !== word) continue;
    // `--parallel 4`: a number names no test.
    const isOwn =
      known.valued.includes(word) || /^(\d+|auto)$/.test(value) || (word.startsWith("--") && !exists(value));
    if (!isOwn) continue;
    kept.push(value);
    at += 1;
  }
  return kept;
}

/** A node id from the project's folder, where the command runs. */
function pytestName(test: string): string | null {
  return isFile(fileOf(test)) ? test : null;
}

/** Dotted names from the folder of `manage.py`, which is the first on the path. */
function djangoNames(before: readonly string[]): (test: string) => string | null {
  const manage = before.find((word) => /(^|[\\/])manage\.py$/.test(word)) ?? "";
  const folder = manage
    .replace(/\\/g, "/")
    .replace(/[^/]*$/, "")
    .replace(/^(\.\/)+/, "");
  return (test) => {
    const [file = "", ...names] = test.split("::");
    if (!isFile(file)) return test.includes("/") ? null : [file, ...names].join(".");
    if (!folder.startsWith("/") && !file.startsWith(folder)) return null;
    const path = folder.startsWith("/") ? file : file.slice(folder.length);
    const module = path.replace(/(\/__init__)?\.py$/, "").replaceAll("/", ".");
    return [module, ...names].join(".");
  };
}

function isFile(file: string): boolean {
  return file.endsWith(".py");
}

/** Of a function that stands in no class: its file. */
function classOf(test: string): string {
  const name = withoutParameters(test);
  return name.slice(0, Math.max(name.lastIndexOf("::"), name.indexOf("::")));
}
