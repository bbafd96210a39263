import type { Locator, Page } from "playwright-core";
import type { QuickInput } from "./quickInput.ts";

export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 for the roots. */
  readonly level: number;
  /** `undefined` for a leaf. */
  readonly expanded: boolean | undefined;
}

export interface Problem {
  /** The file's name, without its folder. */
  readonly file: string;
  /** As the panel shows it: message, source, code and place. */
  readonly text: string;
  readonly severity: "error" | "warning" | "info";
}

/** Side bar views and the Problems panel. Lists render only the rows on the screen. */
export class ViewsDriver {
  readonly #page: Page;
  readonly #quickInput: QuickInput;

  constructor(page: Page, quickInput: QuickInput) {
    this.#page = page;
    this.#quickInput = quickInput;
  }

  /** Opens the view with that title, wherever it is. */
  async open(title: string): Promise<void> {
    await this.#quickInput.pick(`view ${title}`, (row) => row.label === title);
    await this.#pane(title).waitFor();
  }

  /** The rows of an open view, from top to bottom. */
  async treeRows(title: string): Promise<readonly TreeRow[]> {
    return this.#rows(title).evaluateAll((rows) =>
      rows.map((row) => {
        const expanded = row.getAttribute("aria-expanded");
        return {
          label: row.querySelector(".label-name")?.textContent ?? "",
          description: row.querySelector(".label-description")?.textContent ?? "",
          level: Number(row.getAttribute("aria-level")),
          expanded: expanded === null ? undefined : expanded === "true",
        };
      }),
    );
  }

  /** Clicks a row: branches open or close, leaves do what their command says. */
  async clickRow(title: string, label: string): Promise<void> {
    await this.#rows(title)
      .filter({ has: this.#page.locator(".label-name", { hasText: label }) })
      .first()
      .click();
  }

  /** The text of a view without rows: its welcome content, buttons included. */
  async welcomeText(title: string): Promise<string> {
    return (await this.#pane(title).locator(".welcome-view-content").allInnerTexts()).join("\n").trim();
  }

  /** Opens the Problems panel and returns what it lists. Only open files have problems for some servers. */
  async problems(): Promise<readonly Problem[]> {
    const panel = this.#page.locator(".markers-panel-container");
    if (!(await panel.isVisible())) {
      await this.#quickInput.pick("view Problems", (row) => row.label === "Problems");
      await panel.waitFor();
    }
    return panel.locator(".monaco-list-row").evaluateAll((rows) => {
      let file = "";
      const problems: Problem[] = [];
      for (const row of rows) {
        const marker = row.querySelector(".marker-icon");
        if (row.getAttribute("aria-level") === "1") {
          file = row.querySelector(".label-name")?.textContent ?? "";
        } else if (marker !== null) {
          const icon = marker.querySelector(".codicon")?.className ?? "";
          const severity = icon.includes("error") ? "error" : icon.includes("warning") ? "warning" : "info";
          problems.push({ file, severity, text: (row.textContent ?? "").replaceAll("\u00a0", " ").trim() });
        }
      }
      return problems;
    });
  }

  #rows(title: string): Locator {
    return this.#pane(title).locator(".monaco-list-row");
  }

  #pane(title: string): Locator {
    const heading = this.#page.locator(".pane-header .title").getByText(title, { exact: true });
    return this.#page.locator(".pane").filter({ has: heading }).first();
  }
}
