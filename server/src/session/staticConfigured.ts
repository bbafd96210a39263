import type { TextSource } from "../correlate/correlation.ts";
import { isSwitchedOff } from "../insights/configured.ts";
import { matcher } from "../project/globs.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { withoutIgnoredLines } from "./ignoreComments.ts";
import { withoutIgnored } from "./ignored.ts";
import type { ProjectSettings } from "./projectSettings.ts";

/** What the project wants to hear of what reading alone found: they stay hints, whatever a rule is set to. */
export function staticConfigured(
  findings: readonly StaticFinding[],
  settings: ProjectSettings,
  texts: TextSource,
): readonly StaticFinding[] {
  const { rules, perPath } = settings.current.settings;
  const wanted = { rules, perPath: perPath.map((each) => ({ matches: matcher([each.pattern]), rules: each.rules })) };
  const told = findings.filter((finding) => !isSwitchedOff(finding, wanted));
  return withoutIgnored(withoutIgnoredLines(told, texts), settings.isIgnored);
}
