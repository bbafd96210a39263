/** The ways of watching queries, as bench/recorder/watching.py and suite.py know them. */
export const names = {
  none: "no recorder",
  wrapper: "an empty wrapper",
  querysight: "Querysight",
  zeal: "django-zeal",
  silk: "django-silk",
  toolbar: "django-debug-toolbar",
  extract: "traceback.extract_stack",
  walk: "bare frame walk",
} as const;

export type Way = keyof typeof names;

/** Runs one of the scripts beside this file in the environment where the tools are, and gives the last line that it prints. */
export type Measure = (script: string, ...words: readonly string[]) => Promise<string>;
