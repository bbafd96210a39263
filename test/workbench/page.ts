import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { ensureChromium } from "./chromium.ts";
import { EditorDriver } from "./editor.ts";

import { LightbulbDriver } from "./lightbulb.ts";
import { QuickInput } from "./quickInput.ts";
import { ViewsDriver } from "./views.ts";
import { type Patience, until } from "./wait.ts";

export interface OpenOptions {
  /** Where {@link WorkbenchPage.screenshot} writes. */
  readonly shots?: string;
  readonly width?: number;
  readonly height?: number;
}

/** A Chromium that runs as root in a container and asks nobody for anything. */
export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Opens a started workbench in a Chromium of its own, and waits until it takes commands.
 *
 * @throws WorkbenchError when there is no Chromium.
 */
export async function openWorkbench(url: string, options: OpenOptions = {}): Promise<WorkbenchPage> {
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: flags });
  try {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    const workbench = new WorkbenchPage(browser, page, options.shots ?? join(import.meta.dirname, "shots"));
    await page.goto(url);
    await workbench.ready();
    return workbench;
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** One workbench window and the drivers of its parts. */
export class WorkbenchPage {
  /** For what has no driver yet. */
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly editor: EditorDriver;
  readonly lightbulb: LightbulbDriver;
  readonly views: ViewsDriver;
  readonly #browser: Browser;
  readonly #shots: string;

  constructor(browser: Browser, page: Page, shots: string) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.editor = new EditorDriver(page, this.quickInput);
    this.lightbulb = new LightbulbDriver(page, this.editor);
    this.views = new ViewsDriver(page, this.quickInput);
    this.#browser = browser;
    this.#shots = shots;
  }

  /** Resolves when the window is restored in its colours. Extensions start after that: wait for what they show. */
  async ready(): Promise<void> {
    // The counter of problems belongs to the last phase of starting up; the rest of the bar comes before the theme.
    await this.page.locator('[id="status.problems"]').waitFor({ timeout: 60_000 });
  }

  /** Runs a command by its name in the palette: `Querysight: Record All Tests`. Resolves when it has been started. */
  async runCommand(label: string): Promise<void> {
    await this.quickInput.pick(`>${label}`, (row) => row.label === label);
  }

  /** Answers the question whether the authors of the opened folder are trusted. */
  async answerTrust(trusted: boolean): Promise<void> {
    const dialog = this.#trustDialog();
    await dialog.waitFor();
    await dialog.getByRole("button", { name: trusted ? /^Yes/ : /^No/ }).click();
    await dialog.waitFor({ state: "hidden" });
  }

  /** The messages of the notifications so far. Windows in development mode show none as toasts: the bell has them. */
  async notifications(): Promise<readonly string[]> {
    const bell = this.page.locator('[id="status.notifications"]');
    const center = this.page.locator(".notifications-center");
    await bell.click();
    await center.waitFor();
    const messages = await center.locator(".notification-list-item-message").allInnerTexts();
    await bell.click();
    await center.waitFor({ state: "hidden" });
    return messages;
  }

  /** Clicks a button of the notification with that text. Resolves when the list of notifications is closed again. */
  async answerNotification(text: string, button: string): Promise<void> {
    const center = this.page.locator(".notifications-center");
    await this.page.locator('[id="status.notifications"]').click();
    await center.waitFor();
    const row = center.locator(".monaco-list-row", { hasText: text }).first();
    await row.hover();
    const action = row.locator(".notification-list-item-buttons-container").getByRole("button", { name: button });
    if (!(await action.isVisible())) await row.locator(".codicon-notifications-expand").click();
    await action.click();
    if (await center.isVisible()) await this.page.locator('[id="status.notifications"]').click();
    await center.waitFor({ state: "hidden" });
  }

  /** Writes a picture of the window as it is now, and returns its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(this.#shots, { recursive: true });
    const path = join(this.#shots, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** {@link until}, which leaves a picture of what was there instead. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>, patience: Patience = {}): Promise<T> {
    try {
      return await until(what, look, patience);
    } catch (error) {
      const path = await this.screenshot(`failed-${what.replaceAll(/\W+/g, "-")}`);
      throw new Error(`${error instanceof Error ? error.message : error} Picture: ${path}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  #trustDialog() {
    return this.page.locator(".monaco-dialog-box", { hasText: "Do you trust the authors" });
  }
}
