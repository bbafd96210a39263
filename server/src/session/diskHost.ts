import { findDjango, findProject, findProjectsBelow } from "../project/findProject.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { loadSqlite } from "../trace/sqlite.ts";
import { openSession, type SessionOptions } from "./openSession.ts";
import type { SessionHost } from "./session.ts";

export interface DiskHostOptions extends Pick<SessionOptions, "watch" | "aside"> {
  /** A file of a Django project that was never recorded has a session as well: its code can be read. */
  readonly unrecorded?: boolean;
}

/** The real world: projects on disk. The parser is loaded with the first of them, or ahead, and shared. */
export function diskHost({ unrecorded = false, ...options }: DiskHostOptions): SessionHost {
  let parser: Promise<PythonParser> | undefined;
  const loadParser = () => {
    parser ??= createPythonParser();
    return parser;
  };
  return {
    findRoot: (file) => findProject(file) ?? (unrecorded ? findDjango(file) : null),
    findRootsBelow: (folder) => findProjectsBelow(folder),
    open: async (root, buffers) => {
      return openSession(root, buffers, { ...options, parser: await loadParser() });
    },
    prepare: () => {
      loadSqlite();
      // Whoever opens a project hears of it.
      loadParser().catch(() => {});
    },
  };
}
