import { randomUUID } from "node:crypto";
import { basename, dirname } from "node:path/posix";
import type { Locator, Page } from "playwright-core";
import type { QuickInput } from "./quickInput.ts";
import { type Patience, until } from "./wait.ts";

export interface Lens {
  /** The line that it stands above, counted from 1. */
  readonly line: number;
  /** Commands of one line are separated as on the screen: `a | b`. */
  readonly text: string;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The active editor, as a person sees and uses it. Lines and columns count from 1. */
export class EditorDriver {
  readonly #page: Page;
  readonly #quickInput: QuickInput;
  readonly #editor: Locator;
  /** The status bar's `Ln 12, Col 5`. */
  readonly #selection: Locator;

  constructor(page: Page, quickInput: QuickInput) {
    this.#page = page;
    this.#quickInput = quickInput;
    this.#editor = page.locator(".editor-group-container.active .editor-instance .monaco-editor").first();
    this.#selection = page.locator('[id="status.editor.selection"]');
  }

  /** Opens a file by its path from the workspace folder, `shop/views.py`: names alone are seldom unique in Django. */
  async openFile(path: string): Promise<void> {
    const name = basename(path);
    const folder = dirname(path);
    await this.#quickInput.pick(
      path,
      (row) => row.label === name && (folder === "." ? row.description === "" : row.description.endsWith(folder)),
    );
    await this.#page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.#editor.locator(".view-line").first().waitFor();
  }

  /** Puts the cursor there, which scrolls the line into view and focuses the editor. */
  async goToLine(line: number, column = 1): Promise<void> {
    // Not merely Enter: for a moment the list still holds the commands that the box opened with.
    await this.#quickInput.pick(`:${line}:${column}`, ({ label }) => label.includes(`go to line ${line} at column`));
    await until(
      `the cursor on line ${line}`,
      async () => (await this.#selection.textContent())?.includes(`Ln ${line}, Col ${column}`),
      {
        seen: () => this.#selection.textContent(),
      },
    );
    await until(`line ${line} on the screen`, async () =>
      (await this.#visibleLines()).some((row) => row.line === line),
    );
  }

  /** The lenses on the screen, from top to bottom. Editors render only the visible part: {@link goToLine} first. */
  async lenses(): Promise<readonly Lens[]> {
    const lines = await this.#visibleLines();
    const widgets = await this.#editor.locator(".codelens-decoration").evaluateAll((elements) =>
      elements
        .filter((element) => getComputedStyle(element).visibility === "visible")
        .map((element) => ({
          bottom: element.getBoundingClientRect().bottom,
          text: (element.textContent ?? "").replaceAll("\u00a0", " ").trim(),
        })),
    );
    return widgets
      .filter(({ text }) => text !== "")
      .flatMap(({ bottom, text }) => {
        // A lens's box overlaps its line by a pixel or two at some zoom levels.
        const below = lines.find(({ top }) => top >= bottom - 5);
        return below === undefined ? [] : [{ line: below.line, text }];
      })
      .sort((a, b) => a.line - b.line);
  }

  /**
   * Rests the mouse on `text` in a line and returns what the hover says, once that is complete and, if given, matches
   * `containing`. The hover stays open.
   */
  async hoverAt(line: number, text: string, containing: RegExp = /\S/, patience: Patience = {}): Promise<string> {
    await this.goToLine(line);
    const { x, y, width, height } = await this.#boxOf(line, text);
    const rows = this.#page.locator(".monaco-resizable-hover .hover-row");
    const read = async (): Promise<string> => (await rows.allInnerTexts()).join("\n").replaceAll("\u00a0", " ").trim();
    let last = "";
    return until(
      `a hover on "${text}" in line ${line} with ${containing}`,
      async () => {
        // A mouse that does not move hovers nothing: each attempt comes from outside.
        await this.#page.mouse.move(1, 1);
        await this.#page.mouse.move(x + width / 2 - 2, y + height / 2);
        await this.#page.mouse.move(x + width / 2, y + height / 2, { steps: 3 });
        return until(
          "the hover",
          async () => {
            const before = last;
            last = await read();
            return last === before && !/^Loading\.\.\.$/m.test(last) && containing.test(last) ? last : undefined;
          },
          { timeoutMs: 5_000 },
        );
      },
      { ...patience, seen: async () => last },
    );
  }

  /** The whole text of the active editor, saved or not, scrolled into view or not. */
  async text(): Promise<string> {
    // The editor renders only the lines on the screen; its clipboard has them all. Undoing the cursor's move takes
    // the selection back to where it was.
    await this.focus();
    const selection = await this.#selection.textContent();
    const unset = randomUUID();
    await this.#page.evaluate((value) => navigator.clipboard.writeText(value), unset);
    await this.#page.keyboard.press("ControlOrMeta+A");
    await this.#page.keyboard.press("ControlOrMeta+C");
    const copied = await until("the text in the clipboard", async () => {
      const text = await this.#page.evaluate(() => navigator.clipboard.readText());
      return text === unset ? undefined : { text };
    });
    await this.#page.keyboard.press("ControlOrMeta+U");
    await until("the selection as before", async () => (await this.#selection.textContent()) === selection);
    return copied.text;
  }

  /** The text of one line, which is scrolled into view. */
  async lineText(line: number): Promise<string> {
    await this.goToLine(line);
    return (await this.#lineElement(line)).evaluate((element) => (element.textContent ?? "").replaceAll("\u00a0", " "));
  }

  async focus(): Promise<void> {
    await this.#page.keyboard.press("ControlOrMeta+1");
    await until("the focus in the editor", () =>
      this.#editor.evaluate((element) => element.contains(document.activeElement)),
    );
  }

  /** Where `text` stands in a visible line, in pixels of the page. */
  async #boxOf(line: number, text: string): Promise<Box> {
    const element = await this.#lineElement(line);
    const box = await element.evaluate((root, wanted) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const nodes: Node[] = [];
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        nodes.push(node);
      }
      const whole = nodes
        .map((node) => node.textContent ?? "")
        .join("")
        .replaceAll("\u00a0", " ");
      const start = whole.indexOf(wanted);
      if (start < 0) {
        return undefined;
      }
      const range = document.createRange();
      let offset = 0;
      for (const node of nodes) {
        const length = (node.textContent ?? "").length;
        if (start >= offset && start < offset + length) {
          range.setStart(node, start - offset);
        }
        if (start + wanted.length > offset && start + wanted.length <= offset + length) {
          range.setEnd(node, start + wanted.length - offset);
        }
        offset += length;
      }
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x, y, width, height };
    }, text);
    if (box === undefined) {
      throw new Error(`Line ${line} does not contain "${text}": ${await element.textContent()}`);
    }
    return box;
  }

  async #lineElement(line: number): Promise<Locator> {
    return until(`line ${line} on the screen`, async () => {
      const row = (await this.#visibleLines()).find((visible) => visible.line === line);
      const tops = await this.#editor
        .locator(".view-lines > .view-line")
        .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().top));
      const index = row === undefined ? -1 : tops.findIndex((top) => Math.abs(top - row.top) < 2);
      return index < 0 ? undefined : this.#editor.locator(".view-lines > .view-line").nth(index);
    });
  }

  /** Line numbers and their places, from top to bottom. */
  async #visibleLines(): Promise<readonly { readonly line: number; readonly top: number }[]> {
    const rows = await this.#editor.locator(".margin-view-overlays .line-numbers").evaluateAll((elements) =>
      elements.map((element) => ({
        line: Number(element.textContent),
        top: (element.parentElement ?? element).getBoundingClientRect().top,
      })),
    );
    return rows.filter(({ line }) => line > 0).sort((a, b) => a.top - b.top);
  }
}
