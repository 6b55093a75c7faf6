/**
 * A table as PrettyTable draws it, which the tutorial shows (CL-52, CL-53): left-aligned columns between bars.
 *
 * @param rows as many cells each as there are columns
 */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at].length)));
  const bar = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  const line = (cells: readonly string[]) =>
    `|${cells.map((cell, at) => ` ${cell.padEnd(widths[at])} `).join("|")}|`;
  return [bar, line(columns), bar, ...rows.map(line), bar].join("\n");
}
