import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { must, Refusal, run } from "./process.ts";

const PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";

/** What can be missing on a contributor's machine without the rest being worth less. */
export class NoPython extends Refusal {}

/** The machine's Python 3.10 or newer that can make virtual environments. */
export function findPython(): Promise<string> {
  const candidates = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
  return firstPython(candidates, (minor) => minor >= 10, "Python 3.10 or newer is needed.");
}

/** A Python of one of these versions (`3.13`), the first that is there: on the PATH, or where pyenv or uv keep theirs. */
export async function findPythonOf(versions: readonly string[]): Promise<string> {
  const candidates: string[] = [];
  for (const version of versions) {
    const uv = await run("uv", ["python", "find", "--no-python-downloads", version], { output: "capture" });
    candidates.push(`python${version}`, ...pyenvPythons(version), ...(uv.status === 0 ? [uv.output.trim()] : []));
  }
  const minors = versions.map((version) => Number(version.split(".")[1]));
  return firstPython(
    [...candidates, "python3"],
    (minor) => minors.includes(minor),
    `Python ${versions.join(" or ")} is needed.`,
  );
}

async function firstPython(
  candidates: readonly string[],
  suits: (minor: number) => boolean,
  needed: string,
): Promise<string> {
  const seen: string[] = [];
  for (const candidate of [process.env["QUERYSIGHT_PYTHON"], ...candidates]) {
    if (!candidate) continue;
    const probe = await run(candidate, ["-c", PROBE], { output: "capture" });
    if (probe.status === 0) {
      const [major = 0, minor = 0] = probe.output.trim().split(".").map(Number);
      if (major === 3 && suits(minor)) return candidate;
      seen.push(`${candidate} is ${probe.output.trim()}`);
    } else if (probe.output.includes("ensurepip")) {
      seen.push(`${candidate} cannot make virtual environments (on Debian: apt install python3-venv)`);
    }
  }
  const found = seen.length ? ` Found: ${seen.join("; ")}.` : "";
  throw new NoPython(`${needed}${found} Install it, or name it in QUERYSIGHT_PYTHON.`);
}

/** pyenv's interpreters of a version, the newest first; its shims answer only where the version is switched on. */
function pyenvPythons(version: string): readonly string[] {
  const folder = join(process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  if (!existsSync(folder)) return [];
  const patch = (name: string) => Number(name.slice(version.length + 1));
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${version}.`) && Number.isInteger(patch(name)))
    .sort((a, b) => patch(b) - patch(a))
    .map((name) => pythonOf(join(folder, name)));
}

export function pythonOf(venv: string): string {
  return process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}

export interface Environment {
  readonly folder: string;
  /** Requirement files, relative to their own place as pip reads them. */
  readonly requirements: readonly string[];
  /** Single requirements installed after the files, e.g. `Django==4.2.28`. */
  readonly packages?: readonly string[];
  /** Versions of Python that it must have, the best first; without them any that this project runs on. */
  readonly pythons?: readonly string[] | undefined;
}

/** Makes or refreshes a virtual environment and returns its interpreter; does nothing when its requirements have not changed. */
export async function ensureEnvironment(environment: Environment): Promise<string> {
  const { folder, requirements, packages = [], pythons } = environment;
  const python = pythonOf(folder);
  const stamp = join(folder, ".querysight-requirements");
  const hash = createHash("sha256");
  for (const file of requirements) hash.update(readFileSync(file));
  hash.update(packages.join("\n"));
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && existsSync(python) && readFileSync(stamp, "utf8") === wanted) return python;

  const interpreter = await (pythons ? findPythonOf(pythons) : findPython());
  console.error(`querysight: installing Python packages into ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await must("Making the virtual environment", interpreter, ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const files = requirements.flatMap((file) => ["-r", file]);
  await must("Installing Python packages (is the network there?)", python, [...pip, ...files]);
  if (packages.length) await must("Installing Python packages (is the network there?)", python, [...pip, ...packages]);
  writeFileSync(stamp, wanted);
  return python;
}
