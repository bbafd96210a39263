import * as vscode from "vscode";
import type { FileEdit } from "../../../server/src/protocol.ts";

/** An edit that was made and saved, and what takes it back. */
export interface AppliedEdits {
  readonly documents: readonly {
    readonly document: vscode.TextDocument;
    /** As it was saved. */
    readonly after: string;
    readonly undo: readonly vscode.TextEdit[];
  }[];
}

/** Makes the edits as one step that Undo takes back, and saves their files; in words why not. */
export async function applyEdits(files: readonly FileEdit[]): Promise<AppliedEdits | string> {
  const opened = await Promise.all(
    files.map(async (file) => ({
      file,
      document: await vscode.workspace.openTextDocument(vscode.Uri.parse(file.uri, true)),
    })),
  );
  const changed = opened.find(({ file, document }) => file.version !== null && document.version !== file.version);
  if (changed) return `${vscode.workspace.asRelativePath(changed.document.uri)} changed meanwhile: nothing was edited.`;
  const before = opened.map(({ document }) => document.getText());
  const edit = new vscode.WorkspaceEdit();
  for (const { file, document } of opened) edit.set(document.uri, file.edits.map(toEdit));
  if (!(await vscode.workspace.applyEdit(edit))) return "VS Code refused the edit: nothing was changed.";
  const edited = opened.map(({ document }) => document.getText());
  const saved = await Promise.all(opened.map(({ document }) => document.save()));
  const documents = opened.map(({ file, document }, index) => {
    const after = document.getText();
    // Formatting on save moves what the small edits would take back.
    const undo = after === edited[index] ? file.undo.map(toEdit) : [replacement(document, before[index] ?? after)];
    return { document, after, undo };
  });
  const unsaved = opened[saved.indexOf(false)];
  if (!unsaved) return { documents };
  await undoEdits({ documents });
  return `${vscode.workspace.asRelativePath(unsaved.document.uri)} could not be saved: the edit was taken back.`;
}

/** Takes the edits back, as one step, where nobody typed meanwhile. @returns the files that were left as they are */
export async function undoEdits({ documents }: AppliedEdits): Promise<readonly string[]> {
  const unchanged = documents.filter(({ document, after }) => document.getText() === after);
  const edit = new vscode.WorkspaceEdit();
  for (const { document, undo } of unchanged) edit.set(document.uri, [...undo]);
  const isMade = await vscode.workspace.applyEdit(edit);
  await Promise.all(unchanged.map(({ document }) => document.save()));
  return documents
    .filter((entry) => !isMade || !unchanged.includes(entry))
    .map(({ document }) => vscode.workspace.asRelativePath(document.uri));
}

function toEdit({ range, newText }: FileEdit["edits"][number]): vscode.TextEdit {
  const { start, end } = range;
  return vscode.TextEdit.replace(new vscode.Range(start.line, start.character, end.line, end.character), newText);
}

function replacement(document: vscode.TextDocument, text: string): vscode.TextEdit {
  const end = document.lineAt(document.lineCount - 1).range.end;
  return vscode.TextEdit.replace(new vscode.Range(new vscode.Position(0, 0), end), text);
}
