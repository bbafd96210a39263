/** `npm test`: every suite, or those named (`npm test -- unit lsp`). Prints each suite's counts and one closing line. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./build.ts";
import { demoPython, djangoVersions, lintPython, recorderPython } from "./lib/environments.ts";
import { demo, dist, recorder, repository } from "./lib/paths.ts";
import { main, Refusal, run } from "./lib/process.ts";
import { NoPython } from "./lib/python.ts";
import { roundTrip } from "./lib/roundTrip.ts";
import { add, type Counts, check, pytestCounts, type Suite, unittestCounts, vitestCounts } from "./lib/suites.ts";

const bin = (name: string) => join(repository, "node_modules", ".bin", name);

/** The Python with the newest Django, as a test's environment names it; nothing where there is none and none is required. */
async function newestDjango(): Promise<Readonly<Record<string, string>>> {
  try {
    return { QUERYSIGHT_TEST_PYTHON_NEWEST: await recorderPython("6.1.3") };
  } catch (error) {
    if (!(error instanceof NoPython) || process.env["QUERYSIGHT_REQUIRE_DJANGOS"] === "1") throw error;
    return {};
  }
}

async function vitest(folders: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "querysight-vitest-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const env = { QUERYSIGHT_TEST_PYTHON: await demoPython(), ...more };
    const { status } = await run(bin("vitest"), ["run", ...reporters, ...folders], { cwd: repository, env });
    return vitestCounts(readFileSync(file, "utf8"), status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function pytest(python: string, cwd: string, ...args: readonly string[]): Promise<Counts> {
  const { status, output } = await run(python, ["-m", "pytest", "-q", ...args], { cwd, output: "both" });
  return pytestCounts(output, status);
}

async function onEachDjango(body: (python: string, version: string) => Promise<Counts>): Promise<Counts> {
  const counts: Counts[] = [];
  for (const version of djangoVersions) {
    console.log(`\n-- Django ${version}`);
    try {
      counts.push(await body(await recorderPython(version), version));
    } catch (error) {
      if (!(error instanceof NoPython)) throw error;
      const required = process.env["QUERYSIGHT_REQUIRE_DJANGOS"] === "1";
      console.log(`${required ? "failed" : "skipped: nothing ran on this Django"}. ${error.message}`);
      counts.push({ passed: 0, failed: required ? 1 : 0, skipped: required ? 0 : 1 });
    }
  }
  return add(...counts);
}

const suites: readonly Suite[] = [
  {
    name: "types",
    what: "TypeScript's types",
    run: async () => {
      // The journeys' types stand on packages of their own.
      const { ensureWorkbench } = await import("../test/workbench/install.ts");
      await ensureWorkbench();
      return add(await check(bin("tsc"), ["-p", "."], repository), await check(bin("tsc"), ["-p", "test"], repository));
    },
  },
  {
    name: "lint",
    what: "Biome (with the layering), ruff, mypy",
    run: async () => {
      const python = await lintPython();
      return add(
        await check(bin("biome"), ["check", "--error-on-warnings"], repository),
        await check(python, ["-m", "ruff", "check", "recorder", "demo", "test/projects"], repository),
        await check(python, ["-m", "ruff", "format", "--check", "recorder", "demo", "test/projects"], repository),
        await check(python, ["-m", "mypy"], recorder),
      );
    },
  },
  {
    name: "unit",
    what: "the server's, the client's and the scripts' unit tests",
    run: () => vitest(["server/src", "client/src", "scripts", "bench"]),
  },
  {
    name: "recorder",
    what: "the recorder on real Django and databases",
    run: () => onEachDjango((python) => pytest(python, recorder, "tests")),
  },
  {
    name: "conformance",
    what: "Django's own tests with and without the recorder",
    run: () => onEachDjango((python, version) => check(python, ["-m", "conformance", "--django", version], recorder)),
  },
  {
    name: "demo",
    what: "the demo's own suite, by pytest and by manage.py",
    run: async () => {
      const python = await demoPython();
      const byManage = await run(python, ["manage.py", "test"], { cwd: demo, output: "both" });
      return add(await pytest(python, demo), unittestCounts(byManage.output, byManage.status));
    },
  },
  {
    name: "round-trip",
    what: "record, fix, test again, record again, on a copy of the demo",
    run: async () => {
      const copy = mkdtempSync(join(tmpdir(), "querysight-demo-"));
      try {
        cpSync(demo, copy, {
          recursive: true,
          filter: (path) => !/[\\/](\.venv|\.querysight|__pycache__)$/.test(path),
        });
        return await roundTrip(await demoPython(), copy, join(dist, "cli.js"));
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
  },
  {
    name: "shapes",
    what: "ways of writing a queryset: record, fix --all, record again; ways of writing a loop: record",
    run: async () => vitest(["test/shapes", "test/loops"], await newestDjango()),
  },
  {
    name: "lsp",
    what: "sessions with the bundled language server and the terminal command",
    run: () => vitest(["test/lsp"]),
  },
  {
    name: "faults",
    what: "broken recordings, stores, files and folders: what is readable is shown, on the right line",
    run: () => vitest(["test/faults"]),
  },
  {
    name: "extension",
    what: "the extension host's own view, in a workbench",
    run: async () => {
      const { ensureWorkbench } = await import("../test/workbench/install.ts");
      await ensureWorkbench();
      const { runExtensionTests } = await import("../test/workbench/extensionTests.ts");
      const { prepare } = await import("../test/extension/prepare.ts");
      const { folder, suite, remove } = await prepare(await demoPython());
      try {
        const { code, log } = await runExtensionTests({ workspaceFolder: folder, extensionPath: repository, suite });
        // VS Code's own lines matter only where something failed.
        const passed = log.match(/^ok: .*$/gm) ?? [];
        console.log(code === 0 ? passed.join("\n") : log);
        return { passed: passed.length, failed: code === 0 ? 0 : 1, skipped: 0 };
      } finally {
        remove();
      }
    },
  },
  {
    name: "workbench",
    what: "a person's way through a real VS Code workbench in Chromium",
    run: async () => {
      const { runJourneys } = await import("../test/workbench/run.ts");
      return runJourneys(await demoPython());
    },
  },
];

await main(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length)
    throw new Refusal(`no suite is called ${unknown.join(", ")}; there are ${suites.map((s) => s.name).join(", ")}.`);
  const chosen = suites.filter((suite) => wanted.length === 0 || wanted.includes(suite.name));
  await bundle();

  const results: { name: string; counts: Counts; seconds: number }[] = [];
  for (const suite of chosen) {
    console.log(`\n=== ${suite.name}: ${suite.what}`);
    const started = performance.now();
    const counts = await suite.run().catch((error: unknown): Counts => {
      console.error(error instanceof Refusal ? `querysight: ${error.message}` : error);
      return { passed: 0, failed: 1, skipped: 0 };
    });
    results.push({ name: suite.name, counts, seconds: (performance.now() - started) / 1000 });
  }

  console.log("\nsuite          passed  failed  skipped  seconds");
  for (const { name, counts, seconds } of results) {
    const cell = (value: number | string, width: number) => String(value).padStart(width);
    console.log(
      `${name.padEnd(13)} ${cell(counts.passed, 7)} ${cell(counts.failed, 7)} ${cell(counts.skipped, 8)} ${cell(seconds.toFixed(0), 8)}`,
    );
  }
  const total = add(...results.map((result) => result.counts));
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 ? 0 : 1;
});
