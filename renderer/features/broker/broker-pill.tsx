import { useEffect } from 'react'
import { useStore } from '../../state/store.ts'
import type { About, Workbench } from '../../state/workbench.ts'
import { Dot } from '../../ui/dot.tsx'
import { Popover } from '../../ui/popover.tsx'
import { BrokerPanel } from './broker-panel.tsx'
import { describeRefusals, toneOfBroker } from './broker-words.ts'
import './broker.css'

export interface BrokerPillProps {
  readonly workbench: Workbench
  readonly about: About
  readonly connected: boolean
}

/** The workbench's own broker in the top bar: where it is, and, loudly, whether others reach it; a click tells the rest. */
export function BrokerPill({ workbench, about, connected }: BrokerPillProps) {
  const { broker } = workbench
  const state = useStore(broker.answer)?.result
  useEffect(() => {
    broker.look({})
    return () => broker.look(undefined)
  }, [broker])
  const refusals = state && describeRefusals(state.refusals)
  const isOpen = state?.listeners.some(({ exposure }) => exposure !== undefined) === true
  const label = (
    <>
      <Dot tone={toneOfBroker(state, connected)} />
      <b>Embedded broker</b>
      <span className="pill-detail">{about.broker.url}</span>
      {connected && isOpen && <span className="broker-loud">open to others</span>}
      {connected && state?.storeFailing !== undefined && <span className="broker-loud">store fails</span>}
      {connected && refusals !== undefined && <span className="broker-refusing">{refusals}</span>}
    </>
  )
  return (
    <span className="broker" data-testid="broker">
      <Popover label={label} title="Broker" look="pill">
        {() => <BrokerPanel workbench={workbench} about={about} state={state} connected={connected} />}
      </Popover>
    </span>
  )
}
