const width = 76;

/**
 * Django selects every column of a model by name, and a formatter gives each a line: that pushes the WHERE and the plan out of
 * a hover. Runs of plain column lines after a SELECT share lines instead. Text that is not such a run stays as it is.
 */
export function packColumns(sql: string): string {
  const packed: string[] = [];
  let run: string[] = [];
  const flush = () => {
    packed.push(...packedRun(run));
    run = [];
  };
  let indent: string | null = null;
  for (const line of sql.split("\n")) {
    if (indent !== null && isColumn(line, indent)) {
      run.push(line);
      // The last column of a list has no comma behind it.
      if (!line.endsWith(",")) {
        flush();
        indent = null;
      }
      continue;
    }
    flush();
    const select = /^(\s*)\(?SELECT( DISTINCT)?$/i.exec(line);
    indent = select === null ? null : `${select[1]}  `;
    packed.push(line);
  }
  flush();
  return packed.join("\n");
}

/** A quoted or bare name, perhaps of a table, perhaps renamed: nothing that a formatter may have broken over lines. */
function isColumn(line: string, indent: string): boolean {
  return line.startsWith(indent) && /^[\w"`.[\]*]+( AS [\w"`]+)?,?$/i.test(line.slice(indent.length));
}

function packedRun(run: readonly string[]): readonly string[] {
  const [first, ...others] = run;
  if (first === undefined) return [];
  const indent = first.slice(0, first.length - first.trimStart().length);
  const lines = [first];
  for (const line of others) {
    const current = lines.at(-1) ?? "";
    if (current.length + line.trimStart().length < width) lines[lines.length - 1] = `${current} ${line.trimStart()}`;
    else lines.push(indent + line.trimStart());
  }
  return lines;
}
