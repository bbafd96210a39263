import { delimiter, join } from "node:path";

/** What lets a project's Python import the recorder: it goes first on the path that the user's own environment may already have set. */
export function recorderEnvironment(extensionPath: string): Readonly<Record<string, string>> {
  return { PYTHONPATH: [join(extensionPath, "recorder"), process.env["PYTHONPATH"]].filter(Boolean).join(delimiter) };
}
