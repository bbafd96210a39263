import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The store's native module needs this version of Node-API (Node 22.14); on an older one it would crash rather than throw. */
const neededNodeApi = 10;

/**
 * Runs an entry of dist/ on this Node where it will do, else on the one that was installed with the package. Where there is neither
 * it runs all the same: the server then says itself what it cannot do.
 */
export async function launch(entry) {
  const script = fileURLToPath(new URL(`../dist/${entry}`, import.meta.url));
  if (!existsSync(script)) {
    console.error("querysight: dist/ is not built. Run: npm run build");
    process.exitCode = 4;
    return;
  }
  const other = Number(process.versions.napi) >= neededNodeApi ? null : installedNode();
  if (other === null) await import(pathToFileURL(script).href);
  else runOn(other, script);
}

function installedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    const program = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

function runOn(program, script) {
  const child = spawn(program, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`querysight: could not start ${program}: ${error.message}`);
    process.exitCode = 4;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
  });
}
