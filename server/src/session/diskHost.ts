import { findProject, findProjectsBelow } from "../project/findProject.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { openSession } from "./openSession.ts";
import type { SessionHost } from "./session.ts";

/** The real world: projects on disk. The parser is loaded with the first of them, and shared. */
export function diskHost({ watch }: { readonly watch: boolean }): SessionHost {
  let parser: Promise<PythonParser> | undefined;
  return {
    findRoot: findProject,
    findRootsBelow: (folder) => findProjectsBelow(folder),
    open: async (root, buffers) => {
      parser ??= createPythonParser();
      return openSession(root, buffers, { parser: await parser, watch });
    },
  };
}
