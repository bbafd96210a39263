import type { Finding } from "./finding.ts";
import type { RuleSetting, RuleSettings } from "./rules.ts";

/** The finding as the project wants it, or null where it wants none: by its rule, and by the files that it happens or is cured in. */
export function configured(finding: Finding, settings: RuleSettings): Finding | null {
  const { severity, minQueries } = settingFor(finding, settings);
  if (severity === "off" || finding.evidence.queries < (minQueries ?? 0)) return null;
  return severity === undefined || finding.severity === "hint" ? finding : { ...finding, severity };
}

/** Whether the project wants to hear nothing of the rule there. */
export function isSwitchedOff(finding: Pick<Finding, "rule" | "at" | "queryset">, settings: RuleSettings): boolean {
  return settingFor(finding, settings).severity === "off";
}

function settingFor(
  { rule, at, queryset }: Pick<Finding, "rule" | "at" | "queryset">,
  { rules = {}, perPath = [] }: RuleSettings,
): RuleSetting {
  const paths = [at.path, ...(queryset === null ? [] : [queryset.path])];
  const own = perPath.filter(({ matches }) => paths.some(matches));
  const said = [rules, ...own.map((each) => each.rules)].map((table) => table[rule] ?? {});
  return Object.assign({}, ...said) as RuleSetting;
}
