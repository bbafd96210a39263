import { findProject, findProjectsBelow } from "../project/findProject.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { openSession, type SessionOptions } from "./openSession.ts";
import type { SessionHost } from "./session.ts";

/** The real world: projects on disk. The parser is loaded with the first of them, and shared. */
export function diskHost(options: Pick<SessionOptions, "watch" | "aside">): SessionHost {
  let parser: Promise<PythonParser> | undefined;
  return {
    findRoot: findProject,
    findRootsBelow: (folder) => findProjectsBelow(folder),
    open: async (root, buffers) => {
      parser ??= createPythonParser();
      return openSession(root, buffers, { ...options, parser: await parser });
    },
  };
}
