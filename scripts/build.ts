/** Bundles the client, the server, its ingest worker and the terminal command into dist/, with the wasm and native files they load. */

import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { dist, repository } from "./lib/paths.ts";
import { main, Refusal } from "./lib/process.ts";

const shared: BuildOptions = {
  bundle: true,
  platform: "node",
  target: "node22",
  sourcemap: true,
  // Comments are a third of what each thread would have to read and keep. Names stay as they are: stack traces are read by people.
  minifyWhitespace: true,
  logLevel: "warning",
  absWorkingDir: repository,
  // Packages written as ES modules ask for import.meta.url; a CommonJS bundle has __filename.
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  format: "cjs",
};

/** Builds beside dist/ and then takes its place, so that an editor that is open on it never finds half of it. */
export async function bundle(): Promise<void> {
  const fresh = `${dist}-${process.pid}`;
  const former = `${fresh}-former`;
  mkdirSync(join(fresh, "prebuilds"), { recursive: true });
  try {
    await bundleInto(fresh);
    rmSync(former, { recursive: true, force: true });
    try {
      renameSync(dist, former);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(former, { recursive: true, force: true });
  }
}

async function bundleInto(folder: string): Promise<void> {
  const entries = {
    server: "server/src/main.ts",
    cli: "server/src/cli.ts",
    traceWorker: "server/src/trace/worker.ts",
    findingsWorker: "server/src/session/findingsWorker.ts",
    staticWorker: "server/src/session/staticWorker.ts",
  };
  const client = build({
    ...shared,
    entryPoints: ["client/src/extension.ts"],
    // VS Code would import a .js of a package with "type": "module" as an ES module.
    outfile: join(folder, "client.cjs"),
    external: ["vscode"],
  });
  await Promise.all([
    client,
    ...Object.entries(entries).map(([name, entry]) =>
      build({ ...shared, entryPoints: [entry], outfile: join(folder, `${name}.js`) }),
    ),
  ]);
  for (const name of Object.keys(entries)) keepsToLatin1(join(folder, `${name}.js`));
  // dist/ is CommonJS inside a package of ES modules.
  cpSync(join(repository, "scripts", "dist-package.json"), join(folder, "package.json"));
  cpSync(join(packageFolder("web-tree-sitter"), "web-tree-sitter.wasm"), join(folder, "web-tree-sitter.wasm"));
  cpSync(join(packageFolder("tree-sitter-python"), "tree-sitter-python.wasm"), join(folder, "tree-sitter-python.wasm"));
  cpSync(join(packageFolder("better-sqlite3"), "prebuilds"), join(folder, "prebuilds"), { recursive: true });
}

/**
 * V8 keeps a source at two bytes a character, in each thread that runs it, for a single character above U+00FF. esbuild escapes those
 * in strings, but not in regular expressions.
 */
function keepsToLatin1(file: string): void {
  const found = /^.*[^\0-\u00ff].*$/m.exec(readFileSync(file, "utf8"))?.[0];
  if (found !== undefined) throw new Refusal(`${file}: write \\u escapes in ${found.trim()}`);
}

function packageFolder(name: string): string {
  return join(repository, "node_modules", name);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await bundle();
    console.log("querysight: built dist/");
    return 0;
  });
}
