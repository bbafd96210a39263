/**
 * Whether a recorded site belongs to the factories of tests: a library's, or a file's that is named for them. What passes through one while a test runs,
 * and in no request, is the test's set-up, wherever the test calls it.
 */
export function isFactory({ kind, path }: { readonly kind: string; readonly path: string }): boolean {
  return kind === "factory" || /(^|\/)(factory|factories)\.py$|(^|\/)tests?\/(.*\/)?factories\//.test(path);
}
