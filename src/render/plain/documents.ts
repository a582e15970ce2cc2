// A YAML stream into the texts of its documents, as Kubernetes' decoder splits it.

export interface DocumentText {
  readonly text: string
  /** Line of the file on which the text begins, from 1. */
  readonly line: number
}

/** A line of three dashes and nothing else but a comment ends a document (apimachinery YAMLReader). */
const SEPARATOR = /^---[\t\v\f\r ]*(?:#.*)?$/

/** Splits a file at its separators; empty texts are left out. */
export function splitDocuments(text: string): DocumentText[] {
  if (!text.includes('\n---') && !text.startsWith('---')) return text === '' ? [] : [{ text, line: 1 }]
  const documents: DocumentText[] = []
  let start = 0
  let startLine = 1
  let line = 1
  for (let at = 0; at < text.length; line++) {
    const end = text.indexOf('\n', at)
    const next = end < 0 ? text.length : end + 1
    if (text.startsWith('---', at) && SEPARATOR.test(text.slice(at, end < 0 ? next : end))) {
      if (at > start) documents.push({ text: text.slice(start, at), line: startLine })
      start = next
      startLine = line + 1
    }
    at = next
  }
  if (start < text.length) documents.push({ text: text.slice(start), line: startLine })
  return documents
}
