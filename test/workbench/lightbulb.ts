import type { Locator, Page } from "playwright-core";
import type { EditorDriver } from "./editor.ts";
import { until } from "./wait.ts";

export interface LightbulbItem {
  readonly title: string;
  readonly disabled: boolean;
}

/** The menu of code actions. */
export class LightbulbDriver {
  readonly #page: Page;
  readonly #editor: EditorDriver;
  readonly #menu: Locator;

  constructor(page: Page, editor: EditorDriver) {
    this.#page = page;
    this.#editor = editor;
    // The menu holds a second element of that class, for its submenus.
    this.#menu = page.locator(".action-widget:not(.action-list-submenu-panel)");
  }

  /**
   * Puts the cursor on a line, or on `text` in it, and opens the menu, again and again until it has an item that
   * `containing` matches: diagnostics arrive when they are ready. The menu stays open.
   */
  async open(
    line: number,
    { text, containing = /\S/ }: { readonly text?: string; readonly containing?: RegExp } = {},
  ): Promise<readonly LightbulbItem[]> {
    const column = text === undefined ? 1 : (await this.#editor.lineText(line)).indexOf(text) + 1;
    if (column === 0) {
      throw new Error(`Line ${line} does not contain "${text}".`);
    }
    let last: readonly LightbulbItem[] = [];
    return until(
      `a code action like ${containing} on line ${line}`,
      async () => {
        await this.#editor.goToLine(line, column);
        await this.#page.keyboard.press("ControlOrMeta+.");
        try {
          return await until(
            "the menu",
            async () => {
              last = await this.items();
              return last.some(({ title }) => containing.test(title)) ? last : undefined;
            },
            { timeoutMs: 3_000 },
          );
        } catch {
          await this.close();
          return undefined;
        }
      },
      { seen: async () => last },
    );
  }

  /** The items of the open menu. */
  async items(): Promise<readonly LightbulbItem[]> {
    return this.#rows().evaluateAll((rows) =>
      rows.map((row) => ({
        title: row.querySelector(".title")?.textContent ?? "",
        disabled: row.classList.contains("option-disabled"),
      })),
    );
  }

  /** Takes an item of the open menu, and waits until the menu has gone. */
  async choose(title: string | RegExp): Promise<void> {
    const items = await this.items();
    const index = items.findIndex((item) =>
      typeof title === "string" ? item.title === title : title.test(item.title),
    );
    if (index < 0) {
      throw new Error(`No code action "${title}" among ${JSON.stringify(items)}.`);
    }
    await this.#rows().nth(index).click();
    await this.#menu.waitFor({ state: "hidden" });
  }

  async close(): Promise<void> {
    await this.#page.keyboard.press("Escape");
    await this.#menu.waitFor({ state: "hidden" });
  }

  #rows(): Locator {
    return this.#menu.locator(".monaco-list-row.action");
  }
}
