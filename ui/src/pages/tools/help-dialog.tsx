// Which keys do what.
import { Modal } from '../../parts/modal.tsx'
import { useToolsText } from './use-tools-text.ts'

const KEYS = [
  ['Ctrl K', 'help.palette'],
  ['/', 'help.search'],
  ['n', 'help.new'],
  ['↑ ↓ ← →', 'help.walk'],
  ['Enter', 'help.open'],
  ['Esc', 'help.close'],
  ['Ctrl F', 'help.editor'],
  ['?', 'help.keys'],
] as const

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const text = useToolsText()
  return (
    <Modal title={text('help.title')} onClose={onClose}>
      <dl className="key-list">
        {KEYS.map(([keys, key]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{text(key)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
