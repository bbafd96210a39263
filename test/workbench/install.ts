import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WorkbenchError } from "./errors.ts";

const root = import.meta.dirname;
const codeServer = join(root, "node_modules", "code-server");
const vscode = join(codeServer, "lib", "vscode");
/** Inside node_modules, so that whoever deletes the installation deletes the claim that it is complete. */
const stamp = join(root, "node_modules", ".installed-from");
/** 600 MB installed, as much again in npm's cache and while unpacking. */
const neededBytes = 1_500_000_000;

export type Say = (line: string) => void;

/** Paths inside the installed code-server. */
export interface InstalledWorkbench {
  /** VS Code's own server, which opens extensions from their folders. */
  readonly serverMain: string;
  /** code-server's command line, which installs packaged extensions as a user would. */
  readonly codeServerEntry: string;
}

/**
 * Installs code-server and playwright-core into this folder, once for each state of the lock file.
 *
 * Install scripts are skipped throughout: they only compile what a workbench on the same machine does not need
 * (Kerberos, the native keyboard map), take minutes and want header packages. code-server's own script is what would
 * install VS Code's dependencies, so these two folders follow by hand.
 *
 * @throws WorkbenchError when there is no network, no space, or npm fails for another reason.
 */
export async function ensureWorkbench(say: Say = console.log): Promise<InstalledWorkbench> {
  const installed: InstalledWorkbench = {
    serverMain: join(vscode, "out", "server-main.js"),
    codeServerEntry: join(codeServer, "out", "node", "entry.js"),
  };
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (isInstalled(wanted, installed)) {
    return installed;
  }
  if (process.platform === "win32") {
    throw new WorkbenchError(
      "unsupported-platform",
      "The bundled workbench does not run on Windows. Install VS Code so that `code` is on the PATH, or use WSL.",
    );
  }
  checkSpace();
  rmSync(stamp, { force: true });
  const started = performance.now();
  say("Installing the VS Code workbench (code-server, about 600 MB, once):");
  await npm(["ci", "--ignore-scripts"], root, "1/3 the server", say);
  await npm(["install", "--omit=dev", "--ignore-scripts"], vscode, "2/3 its packages", say);
  await npm(["install", "--omit=dev", "--ignore-scripts"], join(vscode, "extensions"), "3/3 built-in extensions", say);
  if (!existsSync(installed.serverMain)) {
    throw new WorkbenchError("install-failed", `npm reported success, but ${installed.serverMain} is missing.`);
  }
  writeFileSync(stamp, wanted);
  say(`Workbench installed in ${seconds(started)}.`);
  return installed;
}

function isInstalled(wanted: string, { serverMain }: InstalledWorkbench): boolean {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(serverMain);
}

function checkSpace(): void {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  if (free < neededBytes) {
    throw new WorkbenchError(
      "no-space",
      `The workbench needs ${gigabytes(neededBytes)} of free space in ${root}, and there are ${gigabytes(free)}.`,
    );
  }
}

async function npm(args: readonly string[], cwd: string, step: string, say: Say): Promise<void> {
  const started = performance.now();
  const { code, output } = await run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], cwd);
  if (code === 0) {
    say(`  ${step}: ${seconds(started)}`);
    return;
  }
  const tail = output.trim().split("\n").slice(-15).join("\n");
  if (/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/.test(output)) {
    throw new WorkbenchError(
      "no-network",
      `The npm registry cannot be reached to install the workbench (${step}).\n${tail}`,
    );
  }
  if (/\bENOSPC\b/.test(output)) {
    throw new WorkbenchError("no-space", `The disk is full: the workbench could not be installed (${step}).\n${tail}`);
  }
  throw new WorkbenchError("install-failed", `npm ${args.join(" ")} failed in ${cwd} (${step}).\n${tail}`);
}

/** Runs a command to its end, silently; -1 where it cannot be started. */
export function run(command: string, args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // Settings that an outer `npm run` exports (its prefix, its package) would be taken for this npm's own.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
    );
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => resolve({ code: -1, output: `${output}\n${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
