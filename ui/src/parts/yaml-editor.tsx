// YAML in CodeMirror: coloured, folded, searched; loaded when it is first needed.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useEffectEvent, useRef } from 'react'

interface EditorProps {
  readonly label: string
  readonly value: string
  /** Absent: read-only. */
  readonly onValue?: (value: string) => void
  readonly onSave?: () => void
  readonly isShort?: boolean
}

const COLORS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--violet)' },
  { tag: tags.keyword, color: 'var(--violet)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.meta, tags.separator, tags.punctuation], color: 'var(--muted)' },
])

export function YamlEditor({ label, value, onValue, onSave, isShort = false }: EditorProps) {
  const frame = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const isEditable = onValue !== undefined
  const tell = useEffectEvent((text: string) => onValue?.(text))
  const save = useEffectEvent(() => {
    onSave?.()
    return true
  })
  useEffect(() => {
    const parent = frame.current
    if (parent === null) return undefined
    const changes = EditorView.updateListener.of((update) => {
      if (update.docChanged) tell(update.state.doc.toString())
    })
    const keys = keymap.of([{ key: 'Mod-s', run: () => save() }])
    const extensions = [keys, ...common(), ...modeOf(label, isEditable), changes]
    const opened = new EditorView({ parent, state: EditorState.create({ doc: value, extensions }) })
    view.current = opened
    return () => opened.destroy()
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new value is put into the editor below, the editor stays
  }, [label, isEditable])
  useEffect(() => {
    const opened = view.current
    if (opened === null || opened.state.doc.toString() === value) return
    opened.dispatch({ changes: { from: 0, to: opened.state.doc.length, insert: value } })
  }, [value])
  return <div ref={frame} className={isShort ? 'yaml-editor short' : 'yaml-editor'} />
}

function common(): readonly Extension[] {
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    indentUnit.of('  '),
    EditorState.tabSize.of(2),
    EditorView.lineWrapping,
    yaml(),
    syntaxHighlighting(COLORS),
    keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...searchKeymap]),
  ]
}

/** A text that cannot be changed says so to assistive technology; the keyboard scrolls it. */
function modeOf(label: string, isEditable: boolean): readonly Extension[] {
  if (isEditable) {
    return [
      highlightActiveLine(),
      keymap.of([indentWithTab]),
      EditorView.contentAttributes.of({ 'aria-label': label, autocapitalize: 'none', tabindex: '0' }),
    ]
  }
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true', tabindex: '0' }),
  ]
}
