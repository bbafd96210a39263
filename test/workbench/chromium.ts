import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { WorkbenchError } from "./errors.ts";
import { run, type Say } from "./install.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macOs = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const advice =
  "No Chromium found for the workbench journeys, and none could be installed. On Debian or Ubuntu: apt-get install chromium. " +
  "Elsewhere install Chromium or Chrome, or name its executable in QUERYSIGHT_CHROMIUM.";

/**
 * The Chromium that journeys drive: `QUERYSIGHT_CHROMIUM`, else the machine's own, else one that playwright downloads, else Debian's package
 * where we are root. Only after `ensureWorkbench`, which brings playwright.
 *
 * @throws WorkbenchError naming what to install.
 */
export async function ensureChromium(say: Say = console.log): Promise<string> {
  const chosen = process.env["QUERYSIGHT_CHROMIUM"];
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new WorkbenchError("no-chromium", `QUERYSIGHT_CHROMIUM names ${chosen}, which cannot be executed.`);
  }
  const { chromium } = await import("playwright-core");
  const find = () => [...onThisMachine(), chromium.executablePath()].find(isExecutable);
  const found = find();
  if (found !== undefined) return found;

  say("Installing Chromium for the workbench journeys (once):");
  for (const [command, ...args] of installers()) {
    await run(command, args, import.meta.dirname);
    const installed = find();
    if (installed !== undefined) return installed;
  }
  throw new WorkbenchError("no-chromium", advice);
}

function onThisMachine(): readonly string[] {
  const folders = ["/usr/bin", ...(process.env["PATH"] ?? "").split(delimiter)];
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...macOs];
}

function installers(): readonly (readonly [string, ...string[]])[] {
  const cli = join(import.meta.dirname, "node_modules", "playwright-core", "cli.js");
  const download: readonly [string, ...string[]] = [process.execPath, cli, "install", "chromium"];
  if (process.platform !== "linux" || process.getuid?.() !== 0) return [download];
  return [
    download,
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
  ];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
