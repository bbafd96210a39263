import * as vscode from "vscode";
import { commandNames, type FindingsArgument, type Location, type ShowArgument } from "../../server/src/protocol.ts";

export async function openLocation(location: Location): Promise<void> {
  const { start, end } = location.range;
  await vscode.window.showTextDocument(vscode.Uri.parse(location.uri, true), {
    selection: new vscode.Range(start.line, start.character, end.line, end.character),
  });
}

/** What a lens opens: the only place at once; several, and what can be done about them, to choose from. */
export async function showPlaces({ title, places, findings }: ShowArgument): Promise<void> {
  const [only, ...others] = places;
  if (only && others.length === 0 && findings === null) return openLocation(only);
  const items = places.map((place) => ({
    label: place.label,
    description: place.description ?? "",
    run: () => openLocation(place),
  }));
  const picked = await vscode.window.showQuickPick([...items, ...actionsFor(findings)], {
    title,
    matchOnDescription: true,
  });
  await picked?.run();
}

function actionsFor(findings: FindingsArgument | null) {
  if (findings === null) return [];
  const { project, findingIds } = findings;
  const action = (icon: string, label: string, command: string) => ({
    label: `$(${icon}) ${label}`,
    description: "",
    run: async () => {
      await vscode.commands.executeCommand(command, { project, findingIds });
    },
  });
  return [
    action("sparkle", "Apply the fix and verify it", commandNames.applyAndVerify),
    action("refresh", "Rerun the tests that cover this", commandNames.rerunTests),
  ];
}
