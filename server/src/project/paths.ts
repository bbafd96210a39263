import { isAbsolute, relative, sep } from "node:path";

/** True for a relative POSIX path that can only name something under the folder that it is joined to. */
export function isInside(path: string): boolean {
  if (path === "" || path.includes("\\") || path.includes("\0") || /^[A-Za-z]:/.test(path)) return false;
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** Whether `path` lies in `folder` or is it; both absolute and free of links. */
export function isUnder(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}
