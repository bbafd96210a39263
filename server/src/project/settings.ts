import { type EditorSettings, readEditorSettings } from "./editorSettings.ts";
import { type ProjectSettings, readProjectSettings } from "./projectSettings.ts";
import type { SettingProblem } from "./settingProblem.ts";

/** All that can be set: what a team shares in pyproject.toml, and what a person sets in the editor. */
export type Settings = ProjectSettings & EditorSettings;

export interface SettingsResult {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
}

/**
 * The settings that hold: the editor's over the project's over the defaults. Never throws; what is wrong is told, and its default holds.
 *
 * @param pyproject the text of pyproject.toml; null where there is none
 * @param editor what the client sent for the section `querysight`; undefined in the terminal
 * @param rules the names of the rules that there are
 */
export function readSettings(pyproject: string | null, editor: unknown, rules: readonly string[]): SettingsResult {
  const project = readProjectSettings(pyproject ?? "", rules);
  const person = readEditorSettings(editor);
  return {
    settings: { ...project.settings, ...person.settings },
    problems: [...project.problems, ...person.problems],
  };
}
