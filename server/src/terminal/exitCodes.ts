/** Documented in docs/terminal.md: scripts rely on them. */
export const exitCodes = {
  fine: 0,
  found: 1,
  usage: 2,
  nothingRecorded: 3,
  unavailable: 4,
  broken: 5,
  /** As shells answer after Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
