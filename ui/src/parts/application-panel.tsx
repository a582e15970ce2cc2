// The panel of the application itself: details, parameters, manifest, events, sync windows.
import { lazy } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { APPLICATION_TABS, type ApplicationTab } from '../search.ts'
import { DetailsTab } from './details-tab.tsx'
import { EventsTable } from './events-table.tsx'
import { KindMark } from './kind-mark.tsx'
import { Panel, PanelTabs, TabContent } from './panel.tsx'
import { useText } from './preferences-context.tsx'
import { WindowsTab } from './windows-tab.tsx'

const ParametersTab = lazy(async () => ({ default: (await import('./parameters-tab.tsx')).ParametersTab }))
const SpecTab = lazy(async () => ({ default: (await import('./spec-tab.tsx')).SpecTab }))

interface PanelProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly tab: string | undefined
  readonly onTab: (tab: ApplicationTab) => void
  readonly onClose: () => void
}

export function ApplicationPanel({ id, application, tab, onTab, onClose }: PanelProps) {
  const text = useText()
  const shown = APPLICATION_TABS.find((name) => name === tab) ?? 'details'
  const title = (
    <>
      <KindMark kind="Application" />
      <span>
        <span className="muted">Application</span> {id.name}
      </span>
    </>
  )
  return (
    <Panel title={title} onClose={onClose}>
      <PanelTabs
        label={text('details.tabs')}
        tabs={APPLICATION_TABS.map((name) => ({ name, label: text(`details.tab.${name}`) }))}
        shown={shown}
        onTab={onTab}
      >
        <TabContent name="details">
          <DetailsTab id={id} application={application} />
        </TabContent>
        <TabContent name="parameters">
          <ParametersTab id={id} application={application} />
        </TabContent>
        <TabContent name="manifest">
          <SpecTab id={id} application={application} />
        </TabContent>
        <TabContent name="appEvents">
          <EventsTable id={id} />
        </TabContent>
        <TabContent name="windows">
          <WindowsTab id={id} />
        </TabContent>
      </PanelTabs>
    </Panel>
  )
}
