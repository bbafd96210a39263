/** What is wrong in the settings. */
export interface SettingProblem {
  /** `pyproject.toml`, or "" for the editor's settings. */
  readonly file: "pyproject.toml" | "";
  /** From 1; null where unknown. */
  readonly line: number | null;
  /** A sentence for a person. */
  readonly message: string;
}
