import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorkbench, type WorkbenchPage } from "./page.ts";
import { startWorkbench } from "./server.ts";
import type { UserSettings } from "./settings.ts";

export interface JourneyContext {
  readonly workbench: WorkbenchPage;
  /** The copy of the project that is open in the workbench. */
  readonly folder: string;
  /** Runs one step of the way and notes how it went; a journey ends at its first failing step. */
  step(what: string, body: () => Promise<void>): Promise<void>;
}

export interface Journey {
  readonly name: string;
  /** The project that is copied and opened. */
  readonly project: string;
  readonly settings?: UserSettings;
  walk(context: JourneyContext): Promise<void>;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Walks one journey in a workbench of its own, on a fresh copy of its project, whose `.venv` is that environment. */
export async function walk(journey: Journey, extensionPath: string, environment: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "querysight-journey-"));
  let passed = 0;
  try {
    cpSync(journey.project, folder, {
      recursive: true,
      filter: (path) => !/[\\/](\.venv|\.querysight|__pycache__|\.pytest_cache)$/.test(path),
    });
    symlinkSync(environment, join(folder, ".venv"));
    const server = await startWorkbench({
      workspaceFolder: folder,
      extensionPath,
      ...(journey.settings && { userSettings: journey.settings }),
    });
    try {
      const workbench = await openWorkbench(server.url);
      try {
        await journey.walk({
          workbench,
          folder,
          step: async (what, body) => {
            const started = performance.now();
            try {
              await body();
            } catch (error) {
              const picture = await workbench.screenshot(`failed-${journey.name}-${passed + 1}`);
              throw new Error(`${what}: ${error instanceof Error ? error.message : error} (picture: ${picture})`);
            }
            passed += 1;
            console.log(`  ok: ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
          },
        });
      } finally {
        await workbench.close();
      }
    } finally {
      await server.stop();
    }
    return { passed, failed: 0, skipped: 0 };
  } catch (error) {
    console.error(`  FAILED: ${error instanceof Error ? error.message : error}`);
    return { passed, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
