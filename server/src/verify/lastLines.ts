// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const styling = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g;

/** The end of what a test run printed, without colours and without what the recorder says of itself. */
export function lastLines(output: string, count: number): readonly string[] {
  const lines = output
    .replace(styling, "")
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !line.startsWith("querysight: "));
  return lines.slice(-count);
}
