/** User settings of a workbench: `settings.json` as data. */
export type UserSettings = Readonly<Record<string, unknown>>;

/**
 * A workbench with nothing in it but the project: no welcome page, no chat, no tips, no experiments, nothing that
 * blinks or moves, so that pictures of the same state are the same picture. Workspace Trust is off; the journey about
 * trust turns it on.
 */
export const quietSettings: UserSettings = {
  "chat.disableAIFeatures": true,
  "editor.cursorBlinking": "solid",
  "editor.minimap.enabled": false,
  // A sticky line lies over the first lines of the view, where drivers look for lenses.
  "editor.stickyScroll.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  // As on the desktop: a browser's VS Code would save applied fixes by itself.
  "files.autoSave": "off",
  "security.workspace.trust.enabled": false,
  // Where trust is turned on, a window would otherwise start restricted without asking.
  "security.workspace.trust.startupPrompt": "always",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.colorTheme": "Default Light Modern",
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};
