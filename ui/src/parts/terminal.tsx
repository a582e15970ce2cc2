// The terminal: xterm over a web socket, in the messages Argo CD's terminal speaks.
import { FitAddon } from '@xterm/addon-fit'
import { Terminal as Xterm } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { useEffect, useRef, useState } from 'react'
import { basePath, withQuery } from '../api/request.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { useText } from './preferences-context.tsx'

interface TerminalProps {
  readonly id: ApplicationId
  readonly project: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

type State = 'connecting' | 'open' | 'closed'

export function Terminal({ id, project, namespace, pod, container }: TerminalProps) {
  const text = useText()
  const frame = useRef<HTMLDivElement>(null)
  const [state, setState] = useState<State>('connecting')
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const parent = frame.current
    if (parent === null) return undefined
    const query = { pod, container, appName: id.name, appNamespace: id.namespace, projectName: project, namespace }
    const address = new URL(withQuery(`${basePath()}/terminal`, query), location.href)
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const terminal = new Xterm({ fontSize: 13, cursorBlink: true, screenReaderMode: true, theme: THEME })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.open(parent)
    const socket = new WebSocket(address)
    const send = (message: object): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    }
    const resize = (): void => {
      fit.fit()
      send({ operation: 'resize', cols: terminal.cols, rows: terminal.rows })
    }
    setState('connecting')
    socket.addEventListener('open', () => {
      setState('open')
      resize()
      terminal.focus()
    })
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => terminal.write(outputOf(data)))
    socket.addEventListener('close', ({ reason }) => {
      setState('closed')
      if (reason !== '') terminal.write(`\r\n${reason}\r\n`)
    })
    const typing = terminal.onData((data) =>
      send({ operation: 'stdin', data, rows: terminal.rows, cols: terminal.cols }),
    )
    const sizes = new ResizeObserver(resize)
    sizes.observe(parent)
    return () => {
      sizes.disconnect()
      typing.dispose()
      socket.close()
      terminal.dispose()
    }
  }, [id.name, id.namespace, project, namespace, pod, container, attempt])
  return (
    <>
      <div ref={frame} className="terminal" data-state={state} />
      <p className="bar small muted">
        <output>{text(`terminal.${state}`)}</output>
        {state === 'closed' && (
          <button type="button" className="link-button" onClick={() => setAttempt(attempt + 1)}>
            {text('terminal.again')}
          </button>
        )}
      </p>
    </>
  )
}

/** A terminal is dark in both themes, as people expect. */
const THEME = { background: '#0f1418', foreground: '#e6ecf0', cursor: '#67c5de', selectionBackground: '#2b6577' }

function outputOf(data: unknown): string {
  if (typeof data !== 'string') return ''
  const message = JSON.parse(data) as { readonly operation?: string; readonly data?: string }
  return message.operation === 'stdout' ? (message.data ?? '') : ''
}
