// A new ApplicationSet, from a template.
import { Link, useNavigate } from '@tanstack/react-router'
import { PageHead } from '../../parts/page-head.tsx'
import { FIRST_SET } from '../../sets/application-sets.ts'
import { SetEditor } from './set-editor.tsx'
import { useSetsText } from './use-sets-text.ts'

const CREATE = { resource: 'applicationsets', action: 'create', objects: ['*/*'] }

export function NewSetPage() {
  const text = useSetsText()
  const navigate = useNavigate()
  return (
    <>
      <PageHead
        title={text('sets.new')}
        crumbs={
          <>
            <Link to="/applicationsets">{text('sets.title')}</Link>
            <span aria-hidden>/</span>
          </>
        }
      />
      <SetEditor
        first={FIRST_SET}
        isNew
        right={CREATE}
        onSaved={({ metadata: { namespace = '', name = '' } }) =>
          void navigate({ to: '/applicationsets/$namespace/$name', params: { namespace, name } })
        }
      />
    </>
  )
}
