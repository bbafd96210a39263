import { chromium } from "playwright-core";
import { ensureChromium } from "./chromium.ts";
import { flags } from "./page.ts";
import { startWorkbench } from "./server.ts";

export interface ExtensionTests {
  readonly workspaceFolder: string;
  readonly extensionPath: string;
  /** A CommonJS module whose `run` throws where a test fails. */
  readonly suite: string;
}

/**
 * Runs a suite inside the extension host of a workbench and returns what it printed. A workbench in a browser reports to two functions of the
 * page, `codeAutomationLog` and `codeAutomationExit`, where a desktop VS Code would print and exit.
 */
export async function runExtensionTests(
  tests: ExtensionTests,
): Promise<{ readonly code: number; readonly log: string }> {
  const server = await startWorkbench({ ...tests, extensionTestsPath: tests.suite });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: [...flags] });
  try {
    const page = await browser.newPage();
    let log = "";
    await page.exposeFunction("codeAutomationLog", (_type: string, words: readonly unknown[]) => {
      log += `${words.join(" ")}\n`;
    });
    const ended = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The extension's tests did not end. They said:\n${log}`)),
        180_000,
      );
      void page.exposeFunction("codeAutomationExit", (code: number) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
    await page.goto(server.url);
    return { code: await ended, log };
  } finally {
    await browser.close();
    await server.stop();
  }
}
