/** `npm start`: build, record the demo's tests, print what was found, open the demo in VS Code with the extension loaded. */
import { join } from "node:path";
import { bundle } from "./build.ts";
import { demoPython } from "./lib/environments.ts";
import { demo, dist, repository } from "./lib/paths.ts";
import { main, Refusal, run } from "./lib/process.ts";
import { record } from "./lib/record.ts";

/** What stands open: the loop that executes 101 queries. */
const loop = join(demo, "templates", "orders", "_rows.html");

await main(async () => {
  const options = process.argv.slice(2);
  const unknown = options.filter((option) => option !== "--headless");
  if (unknown.length > 0) throw new Refusal(`npm start knows --headless only, not ${unknown.join(" ")}.`);
  const headless = options.includes("--headless");
  const port = chosenPort();
  step("building the extension");
  await bundle();
  step("preparing the demo's Python environment");
  const python = await demoPython();
  step("recording the demo's tests (SQLite)");
  const recorded = await record(python, demo, ["pytest", "-q"]);
  if (recorded.status !== 0)
    throw new Refusal("the demo's tests did not pass under the recorder; their output is above.");
  step("what they ran");
  const report = await run(process.execPath, [join(dist, "cli.js"), "report", demo]);
  // 1 says that there are findings, which the demo is there to have.
  if (report.status > 1) throw new Refusal("the findings could not be read; the message is above.");
  if (headless) return 0;
  return (await hasCode()) ? openInCode() : openInWorkbench(port);
});

function step(text: string): void {
  console.log(`\nquerysight: ${text} …`);
}

async function hasCode(): Promise<boolean> {
  return (await run("code", ["--version"], { output: "capture" })).status === 0;
}

async function openInCode(): Promise<number> {
  step("opening the demo in VS Code");
  return (await run("code", ["--new-window", `--extensionDevelopmentPath=${repository}`, demo, loop])).status;
}

/** Where a browser finds the workbench: `QUERYSIGHT_PORT`, else 8123. */
function chosenPort(): number {
  const port = Number(process.env["QUERYSIGHT_PORT"] ?? 8123);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Refusal("QUERYSIGHT_PORT must be a port from 1 to 65535.");
}

async function openInWorkbench(port: number): Promise<number> {
  step("`code` is not installed: preparing VS Code's server instead");
  const { ensureWorkbench } = await import("../test/workbench/install.ts");
  const { startWorkbench } = await import("../test/workbench/server.ts");
  await ensureWorkbench();
  const workbench = await startWorkbench({ workspaceFolder: demo, extensionPath: repository, openFile: loop, port });
  console.log(`\nquerysight: open this address in a browser:\n\n  ${workbench.url}\n\nCtrl-C ends it.`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await workbench.stop();
  return 0;
}
