/** Bundles the client, the server, its ingest worker and the terminal command into dist/, with the wasm and native files they load. */

import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { dist, repository } from "./lib/paths.ts";
import { main } from "./lib/process.ts";

const shared: BuildOptions = {
  bundle: true,
  platform: "node",
  target: "node22",
  sourcemap: true,
  logLevel: "warning",
  absWorkingDir: repository,
  // Packages written as ES modules ask for import.meta.url; a CommonJS bundle has __filename.
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  format: "cjs",
};

export async function bundle(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(join(dist, "prebuilds"), { recursive: true });
  const entries = {
    server: "server/src/main.ts",
    cli: "server/src/cli.ts",
    traceWorker: "server/src/trace/worker.ts",
  };
  const client = build({
    ...shared,
    entryPoints: ["client/src/extension.ts"],
    // VS Code would import a .js of a package with "type": "module" as an ES module.
    outfile: join(dist, "client.cjs"),
    external: ["vscode"],
  });
  await Promise.all([
    client,
    ...Object.entries(entries).map(([name, entry]) =>
      build({ ...shared, entryPoints: [entry], outfile: join(dist, `${name}.js`) }),
    ),
  ]);
  // dist/ is CommonJS inside a package of ES modules.
  cpSync(join(repository, "scripts", "dist-package.json"), join(dist, "package.json"));
  cpSync(join(packageFolder("web-tree-sitter"), "web-tree-sitter.wasm"), join(dist, "web-tree-sitter.wasm"));
  cpSync(join(packageFolder("tree-sitter-python"), "tree-sitter-python.wasm"), join(dist, "tree-sitter-python.wasm"));
  cpSync(join(packageFolder("better-sqlite3"), "prebuilds"), join(dist, "prebuilds"), { recursive: true });
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
