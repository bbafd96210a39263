import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { TextDecoder } from "node:util";
import { applyEdits, type Edit } from "../text/edits.ts";

/** The whole texts, without a byte order mark. */
export type Rewritten =
  | { readonly ok: true; readonly before: string; readonly after: string }
  | { readonly ok: false; readonly reason: string };

/** A text as it lies in a file, with what a decoder drops. */
interface FileText {
  readonly file: string;
  readonly mode: number;
  readonly bom: boolean;
  readonly text: string;
}

const byteOrderMark = "\uFEFF";

/**
 * Makes edits in one file: all of them or none, by writing beside it and renaming. Byte order mark, line ends, permissions and links
 * stay as they are.
 * @param expected the text that the edits' ranges are of; a file that says something else meanwhile is left alone.
 */
export function rewriteFile(root: string, path: string, expected: string, edits: readonly Edit[]): Rewritten {
  return replaceText(root, path, expected, (text) => {
    const lineEnd = lineEndOf(text);
    const fitted = edits.map(({ range, newText }) => ({ range, newText: newText.replace(/\r\n|\r|\n/g, lineEnd) }));
    return applyEdits(text, fitted);
  });
}

/** Takes a rewriting back, unless the file says something else meanwhile. */
export function restoreFile(
  root: string,
  path: string,
  { before, after }: Extract<Rewritten, { readonly ok: true }>,
): Rewritten {
  return replaceText(root, path, after, () => before);
}

function replaceText(root: string, path: string, expected: string, edit: (text: string) => string): Rewritten {
  try {
    const current = readText(root, path);
    if (typeof current === "string") return { ok: false, reason: current };
    if (current.text !== withoutMark(expected)) return { ok: false, reason: `${path} changed meanwhile.` };
    const edited = edit(current.text);
    replaceFile(current, (current.bom ? byteOrderMark : "") + edited);
    return { ok: true, before: current.text, after: edited };
  } catch (error) {
    return { ok: false, reason: `${path} cannot be rewritten (${withoutPlace(error)}).` };
  }
}

/** The file behind any links, or why it is not ours to write. */
function readText(root: string, path: string): FileText | string {
  const file = realpathSync(join(root, path));
  const within = relative(realpathSync(root), file);
  if (within === "" || within === ".." || within.startsWith(`..${sep}`) || isAbsolute(within)) {
    return `${path} lies outside the project.`;
  }
  const bytes = readFileSync(file);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `${path} is not UTF-8.`;
  }
  return { file, mode: statSync(file).mode, bom: text.startsWith(byteOrderMark), text: withoutMark(text) };
}

function replaceFile({ file, mode }: FileText, text: string): void {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = openSync(temporary, "wx", 0o600);
  try {
    try {
      writeFileSync(handle, text);
      fchmodSync(handle, mode & 0o7777);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** `EROFS: read-only file system`: the place that Node adds is that of the temporary file, which is gone. */
function withoutPlace(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+ '.*$/s, "") : String(error);
}

/** The commoner of the file's line ends. */
function lineEndOf(text: string): string {
  const windows = text.match(/\r\n/g)?.length ?? 0;
  const unix = (text.match(/\n/g)?.length ?? 0) - windows;
  return windows > unix ? "\r\n" : "\n";
}

function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}
