export type WorkbenchProblem =
  | "unsupported-platform"
  | "no-network"
  | "no-space"
  | "install-failed"
  | "port-taken"
  | "start-failed"
  | "no-chromium";

/** A workbench that cannot be installed or started, for a reason that the person at the terminal can act on. */
export class WorkbenchError extends Error {
  readonly reason: WorkbenchProblem;

  constructor(reason: WorkbenchProblem, message: string) {
    super(message);
    this.name = "WorkbenchError";
    this.reason = reason;
  }
}
