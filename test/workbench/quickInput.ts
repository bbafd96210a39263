import type { Locator, Page } from "playwright-core";
import { until } from "./wait.ts";

export interface QuickPick {
  readonly label: string;
  /** What stands in grey beside the label: a file's folder, a command's key is not part of it. */
  readonly description: string;
}

/** The box at the top of the window: files, commands, lines, views. */
export class QuickInput {
  readonly #page: Page;
  readonly #widget: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#widget = page.locator(".quick-input-widget");
  }

  /**
   * Opens the box, types, and takes the first row that `wanted` accepts. Opens it anew while there is none: what is
   * not contributed or indexed yet does not appear in a list that is already open.
   */
  async pick(text: string, wanted: (pick: QuickPick) => boolean): Promise<void> {
    let last: readonly QuickPick[] = [];
    // Each attempt may take longer: opening anew starts a search over, which on a busy machine would never end.
    let attemptMs = 1_500;
    await until(
      `"${text}" to be offered`,
      async () => {
        await this.#type(text);
        attemptMs *= 2;
        try {
          await until(
            "the row",
            async () => {
              last = await this.rows();
              const index = last.findIndex(wanted);
              if (index < 0) {
                return false;
              }
              await this.#rowLocator().nth(index).click({ timeout: 1_000 });
              return true;
            },
            { timeoutMs: attemptMs },
          );
          return true;
        } catch {
          await this.close();
          return false;
        }
      },
      { seen: async () => last },
    );
  }

  /** The rows that are rendered: a long list renders only what fits. */
  async rows(): Promise<readonly QuickPick[]> {
    return this.#rowLocator().evaluateAll((rows) =>
      rows.map((row) => ({
        label: row.querySelector(".label-name")?.textContent ?? "",
        description: row.querySelector(".label-description")?.textContent ?? "",
      })),
    );
  }

  async close(): Promise<void> {
    await this.#page.keyboard.press("Escape");
    await this.#widget.waitFor({ state: "hidden" });
  }

  #rowLocator(): Locator {
    return this.#widget.locator(".quick-input-list .monaco-list-row");
  }

  async #type(text: string): Promise<void> {
    const input = this.#widget.locator('input[type="text"]').first();
    // F1 opens the same box as Control+P, and no browser keeps it for itself.
    await until("the quick input", async () => {
      if (!(await input.isVisible())) {
        await this.#page.keyboard.press("F1");
      }
      await input.waitFor({ timeout: 2_000 });
      return true;
    });
    await input.fill(text);
  }
}
