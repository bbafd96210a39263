/** The kind of a site that a library of factories (factory_boy, model_bakery) is recorded as. */
export const factoryKind = "factory";

/**
 * Whether a recorded site belongs to the factories of tests: a library's, or a file's that is named for them. What passes through one while a test runs,
 * and in no request, is the test's set-up, wherever the test calls it.
 */
export function isFactory(site: { readonly kind: string; readonly path: string }): boolean {
  return site.kind === factoryKind || isFactoryFile(site);
}

export function isFactoryFile({ path }: { readonly path: string }): boolean {
  return /(^|\/)(factory|factories)\.py$|(^|\/)tests?\/(.*\/)?factories\//.test(path);
}
