import { type ReactNode, useId, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { type ActionSettings, canAct, type DeviceAction } from '../../../app/device/device-snapshot.ts'
import type { Device } from '../../state/clients.ts'
import { Button } from '../../ui/button.tsx'
import { type Reading, readCertificate, readOffTime, readSkew } from './fault-form.ts'
import './faults-menu.css'

export type Do = (action: DeviceAction, settings?: ActionSettings) => Promise<unknown>

export interface FaultsMenuProps {
  readonly device: Device
  readonly connected: boolean
  readonly run: Do
  readonly close: () => void
}

/** Everything that can be made wrong with a device, and what each needs to know. */
export function FaultsMenu({ device, connected, run, close }: FaultsMenuProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [off, setOff] = useState('5s')
  const [skew, setSkew] = useState('2m')
  const [certificate, setCertificate] = useState('')

  const row = (action: DeviceAction) => ({
    possible: connected && canAct(device.state, action),
    onDo: () => void perform(action, { value: undefined }, () => ({})),
  })
  const perform = async <T,>(action: DeviceAction, reading: Reading<T>, settings: (value: T) => ActionSettings) => {
    if ('problem' in reading) return setProblem(reading.problem)
    setProblem(undefined)
    try {
      await run(action, settings(reading.value))
      close()
    } catch (error) {
      setProblem(messageOf(error))
    }
  }

  return (
    <div className="faults-menu">
      <Row {...row('crash')} label="Crash" what="Its script throws; its socket is closed without DISCONNECT." />
      <Row {...row('hang')} label="Hang" what="Its program stands still and pings no more, its socket stays open." />
      <Row {...row('takeOver')} label="Take over" what="A second client connects with its Client Identifier." />
      <Row {...row('wrongPassword')} label="Wrong password" what="Connects anew with one, until it is healed." />
      <Row
        {...row('reboot')}
        label="Reboot"
        what="Power loss, and power on after:"
        onDo={() => void perform('reboot', readOffTime(off), (offMs) => ({ offMs }))}
      >
        <Field label="off for" value={off} onChange={setOff} hint="5s" />
      </Row>
      <Row
        {...row('clockSkew')}
        label="Clock ahead"
        what="Its clock jumps; -2m is behind:"
        onDo={() => void perform('clockSkew', readSkew(skew), (skewMs) => ({ skewMs }))}
      >
        <Field label="clock ahead by" value={skew} onChange={setSkew} hint="2m" />
      </Row>
      <Row
        {...row('useCertificate')}
        label="Certificate"
        what="Connects anew with another:"
        onDo={() => void perform('useCertificate', readCertificate(certificate), (name) => ({ certificate: name }))}
      >
        <Field
          label="certificate"
          title="The name of two files in the folder certificates, without ending"
          value={certificate}
          onChange={setCertificate}
          hint="expired"
        />
      </Row>
      {problem !== undefined && (
        <p className="faults-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

interface RowProps {
  readonly label: string
  readonly what: string
  readonly possible: boolean
  readonly onDo: () => void
  readonly children?: ReactNode
}

function Row({ label, what, possible, onDo, children }: RowProps) {
  return (
    <form
      className="faults-row"
      onSubmit={(event) => {
        event.preventDefault()
        if (possible) onDo()
      }}
    >
      <Button kind="danger" size="small" disabled={!possible} onClick={onDo}>
        {label}
      </Button>
      <p className="faults-what">{what}</p>
      {children}
    </form>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly hint: string
  readonly title?: string
  readonly onChange: (value: string) => void
}

function Field({ label, value, hint, title, onChange }: FieldProps) {
  const id = useId()
  return (
    <input
      id={id}
      className="faults-field"
      aria-label={label}
      value={value}
      placeholder={hint}
      title={title}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
