import * as z from "zod/mini";
import type { SettingProblem } from "./settingProblem.ts";

const surface = z.prefault(z.object({ enabled: z._default(z.boolean(), true) }), {});

/** The settings that the extension contributes, by the names after `querysight.`. A test holds this equal to package.json. */
export const editorSchema = z.object({
  codeLens: surface,
  hover: surface,
  inlayHints: surface,
  diagnostics: z.prefault(
    z.object({
      enabled: z._default(z.boolean(), true),
      /** By rule; `off` keeps a rule out of Problems. */
      severities: z._default(z.record(z.string(), z.enum(["off", "hint", "information", "warning", "error"])), {}),
    }),
    {},
  ),
  static: surface,
  endpoints: surface,
  status: surface,
  record: z.prefault(
    z.object({
      /** Words, or one line for a shell-like split; empty for the command that the project's own configuration suggests. */
      command: z._default(z.union([z.string(), z.array(z.string())]), ""),
      parameters: z._default(z.boolean(), true),
    }),
    {},
  ),
  python: z.prefault(z.object({ interpreter: z._default(z.string(), "") }), {}),
  trace: z.prefault(z.object({ server: z._default(z.enum(["off", "messages", "verbose"]), "off") }), {}),
});

export type EditorSettings = z.infer<typeof editorSchema>;

/** What the client sent, each wrong member replaced by its default. Members that are not ours are ignored: editors send what they like. */
export function readEditorSettings(sent: unknown): {
  readonly settings: EditorSettings;
  readonly problems: readonly SettingProblem[];
} {
  const value: unknown = structuredClone(sent ?? {});
  const problems: SettingProblem[] = [];
  for (;;) {
    const parsed = editorSchema.safeParse(value);
    if (parsed.success) return { settings: parsed.data, problems };
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    if (path.length === 0 || !removeMember(value, path)) return { settings: editorSchema.parse({}), problems };
    const name = ["querysight", ...path].join(".");
    problems.push({
      file: "",
      line: null,
      message: `The setting ${name} is not what it should be; its default holds.`,
    });
  }
}

function removeMember(value: unknown, path: readonly PropertyKey[]): boolean {
  let owner: unknown = value;
  for (const member of path.slice(0, -1)) owner = isTable(owner) ? owner[member] : undefined;
  const last = path.at(-1);
  return isTable(owner) && last !== undefined && Reflect.deleteProperty(owner, last);
}

function isTable(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}
