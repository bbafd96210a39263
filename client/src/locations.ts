import * as vscode from "vscode";
import type { Location, ShowArgument } from "../../server/src/protocol.ts";

export async function openLocation(location: Location): Promise<void> {
  const { start, end } = location.range;
  await vscode.window.showTextDocument(vscode.Uri.parse(location.uri, true), {
    selection: new vscode.Range(start.line, start.character, end.line, end.character),
  });
}

/** What a lens opens: the only place at once, several to choose from. */
export async function showPlaces(argument: ShowArgument): Promise<void> {
  const [only, ...others] = argument.places;
  if (only && others.length === 0) return openLocation(only);
  const items = argument.places.map((place) => ({
    label: place.label,
    description: place.description ?? "",
    place,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: argument.title, matchOnDescription: true });
  if (picked) await openLocation(picked.place);
}
