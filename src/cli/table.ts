// Tables as Go's text/tabwriter prints them for the originals: minimum width 0, padding 2, no alignment of the last column.

/** Rows of cells → lines; every column but the last is padded to its widest cell and two spaces, or as many as are said. */
export function formatTable(rows: readonly (readonly string[])[], padding = 2): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
    }
  }
  return rows.map((row) => `${formatRow(row, widths, padding)}\n`).join('')
}

function formatRow(row: readonly string[], widths: readonly number[], padding: number): string {
  return row
    .map((cell, column) => {
      if (column === row.length - 1) return cell
      const width = widths[column] ?? 0
      // tabwriter gives a column that is empty throughout no width at all.
      return width === 0 ? '' : cell + ' '.repeat(width - widthOf(cell) + padding)
    })
    .join('')
}

/** tabwriter counts characters, not bytes. */
function widthOf(cell: string): number {
  return Array.from(cell).length
}

/** A row of cells; what is absent stands empty. */
export function cells(...values: readonly (string | undefined)[]): readonly string[] {
  return values.map((value) => value ?? '')
}
