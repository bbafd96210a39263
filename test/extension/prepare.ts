import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { demo, dist, repository } from "../../scripts/lib/paths.ts";
import { Refusal } from "../../scripts/lib/process.ts";
import { record } from "../../scripts/lib/record.ts";

export interface Prepared {
  /** A recorded copy of the demo. */
  readonly folder: string;
  /** The suite, bundled for the extension host. */
  readonly suite: string;
  remove(): void;
}

/** Bundles the suite and records a copy of the demo for it. Only after the extension itself was built. */
export async function prepare(python: string): Promise<Prepared> {
  const suite = join(dist, "test", "suite.cjs");
  await build({
    absWorkingDir: repository,
    entryPoints: ["test/extension/suite.ts"],
    outfile: suite,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    logLevel: "warning",
  });
  const folder = mkdtempSync(join(tmpdir(), "querysight-extension-"));
  cpSync(demo, folder, {
    recursive: true,
    filter: (path) => !/[\\/](\.venv|\.querysight|__pycache__|\.pytest_cache)$/.test(path),
  });
  const recorded = await record(python, folder, ["pytest", "-q"], "capture");
  if (recorded.status !== 0) throw new Refusal(`the demo's tests did not pass under the recorder:\n${recorded.output}`);
  return { folder, suite, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}
