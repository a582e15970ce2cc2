// What is shown in place of a page that cannot be.
import { Link } from '@tanstack/react-router'
import { Failure } from '../parts/notice.tsx'
import { useText } from '../parts/preferences-context.tsx'

export function NotFoundPage() {
  const text = useText()
  return (
    <main className="page narrow">
      <h1>{text('app.notFound')}</h1>
      <p>
        <Link to="/applications">{text('app.toList')}</Link>
      </p>
    </main>
  )
}

export function PageFailure({ error }: { readonly error: unknown }) {
  return (
    <main className="page narrow">
      <h1>Capstan</h1>
      <Failure error={error} />
    </main>
  )
}
