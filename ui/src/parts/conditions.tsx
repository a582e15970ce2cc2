// What is wrong with an application, in the controller's words, and what to do about it.
import type { ApplicationCondition } from '../../../src/crds/application.ts'
import { adviceOf, isErrorCondition } from '../applications/status.ts'
import { Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'

export function Conditions({ conditions }: { readonly conditions: readonly ApplicationCondition[] }) {
  const text = useText()
  return conditions.map(({ type, message }) => (
    <Notice key={type + message} tone={isErrorCondition(type) ? 'bad' : 'warn'}>
      <strong>{type}</strong>
      <p className="message">{message}</p>
      <p className="advice">{text(adviceOf(type))}</p>
    </Notice>
  ))
}
