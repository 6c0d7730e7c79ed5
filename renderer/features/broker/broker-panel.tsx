import { type FormEvent, useEffect, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { About, Workbench } from '../../state/workbench.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { formatCount } from '../../ui/format.ts'
import {
  type BrokerState,
  describeFailing,
  describeRefusal,
  describeStore,
  nameRefusal,
  readWhole,
} from './broker-words.ts'
import { RefusalEditor } from './refusal-editor.tsx'

export interface BrokerPanelProps {
  readonly workbench: Workbench
  readonly about: About
  /** Undefined until the workbench has told. */
  readonly state: BrokerState | undefined
  readonly connected: boolean
}

/** Does something to the broker; what went wrong is shown below. Settles with whether it went well. */
export type Act = (work: Promise<unknown>) => Promise<boolean>

/** Everything about the workbench's own broker. */
export function BrokerPanel({ workbench, about, state, connected }: BrokerPanelProps) {
  const [problem, setProblem] = useState<string | undefined>()
  const act: Act = async (work) => {
    setProblem(undefined)
    try {
      await work
      return true
    } catch (error) {
      setProblem(messageOf(error))
      return false
    } finally {
      workbench.broker.again()
    }
  }
  if (state === undefined) return <p className="broker-remark">The broker is being asked …</p>
  const failing = describeFailing(state)
  return (
    <div className="broker-panel">
      <Listeners listeners={state.listeners} />
      <dl className="broker-facts">
        <dt>engine</dt>
        <dd>{about.broker.engine}</dd>
        <dt>store</dt>
        <dd data-testid="broker-store">
          {describeStore(state.store)}
          {failing !== undefined && (
            <p className="broker-exposure" role="alert">
              {failing}
            </p>
          )}
        </dd>
      </dl>
      <MaxConnections
        state={state}
        disabled={!connected}
        onSet={(maxConnections) => act(workbench.call('broker.limits', { maxConnections }))}
      />
      <h3 className="broker-title">Refusals on purpose</h3>
      <Refusals
        state={state}
        disabled={!connected}
        onRemove={(id) => void act(workbench.call('broker.letIn', { id }))}
      />
      <RefusalEditor
        disabled={!connected}
        clients={clientsOf(workbench)}
        onRefuse={(order) => act(workbench.call('broker.refuse', order))}
      />
      <p className="broker-problem" role="alert">
        {problem}
      </p>
    </div>
  )
}

function clientsOf({ devices, sessions }: Workbench): string[] {
  const ids = new Set(sessions.value.keys())
  for (const { clientId } of devices.value.values()) ids.add(clientId)
  return [...ids].sort()
}

function Listeners({ listeners }: Pick<BrokerState, 'listeners'>) {
  return (
    <ul className="broker-listeners">
      {listeners.map(({ url, exposure }) => (
        <li key={url}>
          <code>{url}</code>
          <CopyButton text={url} />
          {exposure !== undefined && (
            <p className="broker-exposure" role="alert">
              {exposure}
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

const mostConnections = 1_000_000

interface MaxConnectionsProps {
  readonly state: BrokerState
  readonly disabled: boolean
  readonly onSet: (maxConnections: number) => Promise<boolean>
}

function MaxConnections({ state, disabled, onSet }: MaxConnectionsProps) {
  const { connected, limits } = state
  const { maxConnections } = limits
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const shown = typed ?? formatCount(maxConnections)
  const value = readWhole(shown, 0, mostConnections)
  const isChanged = value !== maxConnections
  // The broker has it, and is followed again. What was typed since stays: its answer can be about what was set before.
  useEffect(
    () =>
      setTyped((now) => (now !== undefined && readWhole(now, 0, mostConnections) === maxConnections ? undefined : now)),
    [maxConnections],
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (value !== null && isChanged) void onSet(value)
  }
  return (
    <form className="broker-connections" onSubmit={submit}>
      <span data-testid="broker-connections">
        <b>{formatCount(connected)}</b> connected, at most
      </span>
      <input
        className="input input-mono"
        aria-label="The most connections"
        title="0 lets nobody in; who is connected stays. Until the workbench stops: faultline.json says it for longer"
        inputMode="numeric"
        value={shown}
        aria-invalid={value === null}
        disabled={disabled}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button
        type="submit"
        className="button button-plain button-small"
        disabled={disabled || value === null || !isChanged}
      >
        Set
      </button>
      {value === null && <span className="broker-problem">a whole number from 0 to 1,000,000</span>}
    </form>
  )
}

interface RefusalsProps {
  readonly state: BrokerState
  readonly disabled: boolean
  readonly onRemove: (id: number) => void
}

function Refusals({ state, disabled, onRemove }: RefusalsProps) {
  const { refusals } = state
  if (refusals.length === 0) return <p className="broker-remark">None: whoever may connect gets in.</p>
  return (
    <ul className="broker-refusals" aria-label="Refusals">
      {refusals.map((refusal) => (
        <li key={refusal.id}>
          <b>{nameRefusal(refusal)}</b>
          <span className="broker-remark">{describeRefusal(refusal)}</span>
          <Button
            size="small"
            disabled={disabled}
            title="Lets these clients in again"
            onClick={() => onRemove(refusal.id)}
          >
            Remove
          </Button>
        </li>
      ))}
    </ul>
  )
}
