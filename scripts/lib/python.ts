import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { must, Refusal, run } from "./process.ts";

const PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";

/** The machine's Python 3.10 or newer that can make virtual environments. */
export async function findPython(): Promise<string> {
  const candidates = [
    process.env["QUERYSIGHT_PYTHON"],
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python",
  ];
  const seen: string[] = [];
  for (const candidate of candidates) {
    if (!candidate) continue;
    const probe = await run(candidate, ["-c", PROBE], { output: "capture" });
    if (probe.status === 0) {
      const [major = 0, minor = 0] = probe.output.trim().split(".").map(Number);
      if (major === 3 && minor >= 10) return candidate;
      seen.push(`${candidate} is ${probe.output.trim()}`);
    } else if (probe.output.includes("ensurepip")) {
      seen.push(`${candidate} cannot make virtual environments (on Debian: apt install python3-venv)`);
    }
  }
  const found = seen.length ? ` Found: ${seen.join("; ")}.` : "";
  throw new Refusal(`Python 3.10 or newer is needed.${found} Install it, or name it in QUERYSIGHT_PYTHON.`);
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
}

/** Makes or refreshes a virtual environment and returns its interpreter; does nothing when its requirements have not changed. */
export async function ensureEnvironment(environment: Environment): Promise<string> {
  const { folder, requirements, packages = [] } = environment;
  const python = pythonOf(folder);
  const stamp = join(folder, ".querysight-requirements");
  const hash = createHash("sha256");
  for (const file of requirements) hash.update(readFileSync(file));
  hash.update(packages.join("\n"));
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && existsSync(python) && readFileSync(stamp, "utf8") === wanted) return python;

  console.log(`querysight: installing Python packages into ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await must("Making the virtual environment", await findPython(), ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const files = requirements.flatMap((file) => ["-r", file]);
  await must("Installing Python packages (is the network there?)", python, [...pip, ...files]);
  if (packages.length) await must("Installing Python packages (is the network there?)", python, [...pip, ...packages]);
  writeFileSync(stamp, wanted);
  return python;
}
