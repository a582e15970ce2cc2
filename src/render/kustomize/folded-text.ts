// What becomes of a folded text when kustomize prints its tree and reads it again: go-yaml's writer adds breaks.

/**
 * The text after one printing and reading (go-yaml v3 emitterc.go yaml_emitter_write_folded_scalar looks at the start
 * of the text, not at what follows, to tell whether a break needs another one; so breaks before indented lines and
 * at the end double).
 */
export function refoldedText(text: string): string {
  if (!isPrintedAsBlock(text)) return text
  const lines = text.split('\n')
  const first = lines.find((line) => line !== '')
  const addsBreaks = first !== undefined && !isIndented(first)
  const written = writtenLines(lines, addsBreaks)
  return readFolded(written, text)
}

/** Spaces before a break or at the end, and characters that need escapes, make it a text in double quotes. */
function isPrintedAsBlock(text: string): boolean {
  return !/ (?:\n|$)/.test(text) && !/[^\t\n\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)
}

function isIndented(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t')
}

/** Lines of the block without their indentation: each run of breaks gets one more behind a line that is not indented. */
function writtenLines(lines: readonly string[], addsBreaks: boolean): string[] {
  const written: string[] = []
  for (const [i, line] of lines.entries()) {
    written.push(line)
    const isLast = i === lines.length - 1
    if (!isLast && line !== '' && addsBreaks && !isIndented(line)) written.push('')
  }
  return written
}

/** Reads a folded block; how many breaks the text ends with says which chomping was written. */
function readFolded(lines: readonly string[], original: string): string {
  let text = ''
  let breaks = 0
  let previous: string | undefined
  for (const line of lines) {
    if (line !== '') {
      text += previous === undefined ? '\n'.repeat(breaks) : joint(previous, line, breaks)
      text += line
      previous = line
      breaks = 0
    }
    breaks++
  }
  if (!original.endsWith('\n')) return text
  return text + (original.endsWith('\n\n') ? '\n'.repeat(breaks - 1) : '\n')
}

function joint(before: string, after: string, breaks: number): string {
  if (isIndented(before) || isIndented(after)) return '\n'.repeat(breaks)
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
}
