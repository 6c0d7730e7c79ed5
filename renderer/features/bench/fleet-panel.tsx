import type { FormEvent } from 'react'
import type { FleetTrouble } from '../../../app/device/fleet.ts'
import type { Device } from '../../state/clients.ts'
import type { Fleet, FleetGroup } from '../../state/fleets.ts'
import { Button } from '../../ui/button.tsx'
import { Card, Fact, Facts } from '../../ui/card.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatCount, formatPlural, formatRate } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { FleetCounters } from './fleet-counters.tsx'
import { Changed, Field, TextField } from './fleet-fields.tsx'
import { Figure, Figures } from './fleet-figures.tsx'
import {
  countFields,
  type FleetDraft,
  type FleetField,
  type FleetProblems,
  type FleetValues,
  loadFields,
} from './fleet-form.ts'
import { fleetDot, fleetName } from './fleet-words.ts'
import { type ChangeFleet, useFleetForm } from './use-fleet-form.ts'
import './inspector.css'
import './fleet-panel.css'

/** Where a script fails. */
export type Mistake = NonNullable<Device['error']>

export interface FleetPanelProps {
  readonly group: FleetGroup
  /** False while nothing is heard of the workbench: then nothing can be changed. */
  readonly connected: boolean
  readonly change: ChangeFleet
  readonly onOpenScript: (path: string) => void
  readonly onGoToError: (error: Mistake) => void
}

/** A fleet as a whole: what it is, and what can be changed while it runs. */
export function FleetPanel({ group, connected, change, onOpenScript, onGoToError }: FleetPanelProps) {
  const { fleet } = group
  return (
    <aside className="inspector" aria-label="Fleet">
      <header className="pane-head">
        <Dot tone={fleetDot(group)} />
        <h2 className="pane-name" title={group.name}>
          {fleetName(group)}
        </h2>
        <span className="pane-space" />
        <span className="inspector-state fleet-figure" data-testid="fleet-state">
          {formatCount(group.online)} online
        </span>
      </header>
      <div className="inspector-cards">
        {fleet?.error !== undefined && <Trouble error={fleet.error} onGoToError={onGoToError} />}
        {fleet !== undefined && <About group={group} fleet={fleet} onOpenScript={onOpenScript} />}
        {fleet?.counters !== undefined && <FleetCounters counters={fleet.counters} />}
        {fleet !== undefined && <Changes fleet={fleet} connected={connected} change={change} />}
      </div>
    </aside>
  )
}

const troubles: Readonly<Record<FleetTrouble, string>> = {
  script: 'Script error',
  process: 'Clients lost',
  count: 'Too many devices',
}

interface TroubleProps {
  readonly error: NonNullable<Fleet['error']>
  readonly onGoToError: (error: Mistake) => void
}

function Trouble({ error, onGoToError }: TroubleProps) {
  const place = [error.file, error.line, error.column].filter((part) => part !== undefined).join(':')
  return (
    <Card title={troubles[error.trouble]} tone="red">
      <p className="inspector-error">{error.message}</p>
      {error.trouble === 'script' && (
        <button type="button" className="inspector-place" onClick={() => onGoToError(error)}>
          {place}
        </button>
      )}
    </Card>
  )
}

interface AboutProps {
  readonly group: FleetGroup
  readonly fleet: Fleet
  readonly onOpenScript: (path: string) => void
}

function About({ group, fleet, onOpenScript }: AboutProps) {
  const { wanted, present, online } = fleet
  return (
    <Card title={fleet.kind === 'load' ? 'Load fleet' : 'Fleet'}>
      <Facts>
        <Fact name="script">
          <button type="button" className="inspector-place fleet-script" onClick={() => onOpenScript(fleet.script)}>
            {fleet.script}
          </button>
        </Fact>
        <Fact name="connects to">{fleet.target === '' ? "the workbench's broker" : <code>{fleet.target}</code>}</Fact>
      </Facts>
      <Figures>
        <Figure name="wanted" text={formatCount(wanted)} />
        <Figure name={present === wanted ? 'present' : 'present · ramping'} text={formatCount(present)} />
        <Figure name="online" text={formatCount(online)} />
      </Figures>
      <Bar wanted={Math.max(wanted, present)} present={present} online={online} />
      {fleet.kind === 'scripted' && <States group={group} />}
    </Card>
  )
}

function States({ group }: { readonly group: FleetGroup }) {
  return (
    <ul className="fleet-states" aria-label="Devices by state">
      {group.states.map(({ state, count }) => (
        <li key={state}>
          <span>{state}</span>
          <span className="fleet-figure">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  )
}

/** Says in a picture what the lines above it say. */
function Bar({ wanted, present, online }: Pick<Fleet, 'wanted' | 'present' | 'online'>) {
  const part = (count: number) => `${wanted === 0 ? 0 : Math.min(100, (count / wanted) * 100)}%`
  return (
    <div className="fleet-bar" aria-hidden="true">
      <div className="fleet-bar-present" style={{ width: part(present) }} />
      <div className="fleet-bar-online" style={{ width: part(online) }} />
    </div>
  )
}

interface ChangesProps {
  readonly fleet: Fleet
  readonly connected: boolean
  readonly change: ChangeFleet
}

/** What is typed stays until it is applied; what nobody has typed follows the fleet. */
function Changes({ fleet, connected, change }: ChangesProps) {
  const form = useFleetForm(fleet, change)
  const { values, changed, problems, isChanged, isDirty, set, apply, discard, reset } = form
  const disabled = !connected
  const submit = (fields: readonly FleetField[]) => (event: FormEvent) => {
    event.preventDefault()
    void apply(fields)
  }
  return (
    <>
      <Card title="Count">
        <form className="fleet-form" onSubmit={submit(countFields)}>
          <div className="fleet-pair">
            <TextField
              label="count"
              numeric
              value={values.count}
              problem={problems.count}
              disabled={disabled}
              onChange={(count) => set({ count })}
            />
            <TextField
              label="ramp time"
              value={values.ramp}
              placeholder="at once"
              problem={problems.ramp}
              disabled={disabled}
              onChange={(ramp) => set({ ramp })}
            />
            <Apply dirty={isDirty(['count'])} disabled={disabled} label="Set count" />
          </div>
          {changed.count !== undefined && (
            <div className="fleet-end">
              <Changed written={`workspace: ${changed.count}`} />
              <Reset what={`Reset to ${changed.count}`} disabled={disabled} onReset={() => reset(countFields)} />
            </div>
          )}
          {problems.all !== undefined && form.failed === 'count' && <Refused text={problems.all} />}
        </form>
      </Card>
      {fleet.settings !== undefined && (
        <Card title="Messages">
          <form className="fleet-form" onSubmit={submit(loadFields)}>
            <MessageFields
              fleet={fleet}
              values={values}
              changed={changed}
              problems={problems}
              disabled={disabled}
              set={set}
            />
            {problems.all !== undefined && form.failed === 'messages' && <Refused text={problems.all} />}
            <div className="fleet-end">
              <Apply dirty={isDirty(loadFields)} disabled={disabled} label="Apply" />
              <Button size="small" disabled={!isDirty(loadFields)} onClick={() => discard(loadFields)}>
                Discard
              </Button>
              {isChanged(loadFields) && (
                <Reset what="Reset to the script" disabled={disabled} onReset={() => reset(loadFields)} />
              )}
            </div>
          </form>
        </Card>
      )}
    </>
  )
}

interface MessageFieldsProps {
  readonly fleet: Fleet
  readonly values: FleetValues
  /** What the script says, where the fleet does something else now. */
  readonly changed: FleetDraft
  readonly problems: FleetProblems
  readonly disabled: boolean
  readonly set: (change: FleetDraft) => void
}

function MessageFields({ fleet, values, changed, problems, disabled, set }: MessageFieldsProps) {
  return (
    <>
      <TextField
        label="every"
        value={values.every}
        written={changed.every && `script: ${changed.every}`}
        help={rateHelp(fleet)}
        problem={problems.every}
        disabled={disabled}
        onChange={(every) => set({ every })}
      />
      <TextField
        label="topic"
        value={values.topic}
        written={changed.topic && `script: ${changed.topic}`}
        problem={problems.topic}
        disabled={disabled}
        onChange={(topic) => set({ topic })}
      />
      <Field
        label="payload"
        help="{id} {n} {count} {time} {int 1 9} {float 0 1} {walk 20 0.5 0 40} {pick a b} {text 8}"
        written={changed.payload === undefined ? undefined : `script: ${changed.payload || 'empty'}`}
        problem={problems.payload}
      >
        {(ids) => (
          <textarea
            {...ids}
            className="input input-mono fleet-payload"
            rows={3}
            value={values.payload}
            disabled={disabled}
            onChange={(event) => set({ payload: event.target.value })}
            spellCheck={false}
          />
        )}
      </Field>
      <fieldset className="fleet-flags" disabled={disabled}>
        <Segments
          label="QoS"
          segments={[
            { value: '0', label: 'QoS 0' },
            { value: '1', label: 'QoS 1' },
            { value: '2', label: 'QoS 2' },
          ]}
          value={values.qos}
          onChange={(qos) => set({ qos })}
        />
        <label className="fleet-check">
          <input type="checkbox" checked={values.retain} onChange={(event) => set({ retain: event.target.checked })} />
          retain
        </label>
      </fieldset>
      {changed.qos !== undefined && <Changed written={`script: QoS ${changed.qos}`} />}
      {changed.retain !== undefined && <Changed written={`script: ${changed.retain ? 'retain' : 'no retain'}`} />}
      {(problems.qos ?? problems.retain) !== undefined && <Refused text={problems.qos ?? problems.retain ?? ''} />}
    </>
  )
}

function rateHelp({ present, settings }: Fleet): string {
  if (settings === undefined) return ''
  if (settings.everyMs === 0) return 'as fast as acknowledgements come'
  if (present === 0) return 'time between two messages of one client'
  return `${formatPlural(present, 'client')} make ${formatRate((present * 1000) / settings.everyMs)}`
}

function Apply({
  dirty,
  disabled,
  label,
}: {
  readonly dirty: boolean
  readonly disabled: boolean
  readonly label: string
}) {
  return (
    <button
      type="submit"
      className={`button button-small ${dirty ? 'button-primary' : 'button-plain'}`}
      disabled={disabled || !dirty}
    >
      {label}
    </button>
  )
}

interface ResetProps {
  readonly what: string
  readonly disabled: boolean
  readonly onReset: () => Promise<unknown>
}

/** Ends what was changed while it runs. */
function Reset({ what, disabled, onReset }: ResetProps) {
  return (
    <Button size="small" disabled={disabled} title="Ends what was changed while it runs" onClick={() => void onReset()}>
      {what}
    </Button>
  )
}

function Refused({ text }: { readonly text: string }) {
  return (
    <p className="fleet-note fleet-problem" role="alert">
      {text}
    </p>
  )
}
