export interface RecordOptions {
  /** Samples of parameters are kept. */
  readonly parameters: boolean;
  /** The project's folder, where it is not to be looked for from the working directory. */
  readonly root?: string;
}

/** The words behind the interpreter that run a command under the recorder; docs/recording.md. */
export function recordWords(command: readonly string[], { parameters, root }: RecordOptions): readonly string[] {
  const options = [...(root === undefined ? [] : ["--root", root]), ...(parameters ? [] : ["--no-parameters"])];
  return ["-m", "querysight", "record", ...options, "--", ...command];
}
