/** Where a project keeps its own interpreter, the likeliest first; the separators are those of `platform` (Node's name for it). */
export function ownInterpreters(folder: string, platform: string): readonly string[] {
  const [separator, inside] = platform === "win32" ? ["\\", "Scripts\\python.exe"] : ["/", "bin/python"];
  return [".venv", "venv", "env"].map((name) => [folder, name, inside].join(separator));
}

/** The interpreter that a recorded command begins with, where it names a file: `/srv/shop/.venv/bin/python -m pytest`. */
export function interpreterOf(command: readonly string[]): string | null {
  const [first] = command;
  return first !== undefined && /[\\/]/.test(first) && isPython(first) ? first : null;
}

/** `python`, `python3.13`, `python.exe`, with or without a folder. */
export function isPython(word: string): boolean {
  return /(^|[\\/])python[\d.]*(\.exe)?$/i.test(word);
}
