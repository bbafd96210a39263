// The first step of every npm script: plain JavaScript for Node 20, because on a fresh machine nothing is installed yet.
// It installs the packages of package-lock.json when they changed, then hands over to scripts/<name>.ts under the Node 24 that came with them.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...rest] = process.argv.slice(2);
const nodeBinary = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const stamp = join(root, "node_modules", ".querysight-lock");

function stop(message) {
  console.error(`\nquerysight: ${message}`);
  process.exit(1);
}

function npm(args, failure) {
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(command, args, {
    cwd: root,
    // The script's own answer is what belongs on the standard output.
    stdio: ["inherit", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.error || result.status !== 0) stop(failure);
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  stop(`Node 20 or newer is needed; this is ${process.versions.node}.`);
}

const lockHash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const installed = existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash && existsSync(nodeBinary);
if (!installed) {
  console.error("querysight: installing the Node packages (once) …");
  // Without install scripts nothing is compiled: every native part ships prebuilt. Only `node` fetches its own binary package.
  npm(
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"],
    "the Node packages could not be installed. Is the network there? npm's message above says more.",
  );
  npm(
    ["rebuild", "node", "--ignore-scripts=false", "--loglevel", "error"],
    "Node 24 could not be installed beside the project. Is the network there? npm's message above says more.",
  );
  if (!existsSync(nodeBinary)) stop("Node 24 was not found after the installation; remove node_modules and try again.");
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lockHash);
}

const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(process.platform === "win32" ? ";" : ":");
const result = spawnSync(nodeBinary, [join(root, "scripts", `${script}.ts`), ...rest], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
process.exit(result.status ?? 1);
