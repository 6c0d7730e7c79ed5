import { type ReactNode, useEffect, useId, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { ActionSettings, DeviceAction } from '../../../app/device/device-snapshot.ts'
import type { Device } from '../../state/clients.ts'
import { Button } from '../../ui/button.tsx'
import { type Reading, readOffTime, readSkew } from './fault-form.ts'
import { sentence, whyNot } from './why-not.ts'
import './faults-menu.css'

export type Do = (action: DeviceAction, settings?: ActionSettings) => Promise<unknown>

export type ListCertificates = () => Promise<readonly string[]>

export interface FaultsMenuProps {
  readonly device: Device
  readonly connected: boolean
  readonly run: Do
  /** Asks for the names of the workspace's client certificates. */
  readonly listCertificates: ListCertificates
  readonly close: () => void
}

/** Everything that can be made wrong with a device, and what each needs to know. */
export function FaultsMenu({ device, connected, run, listCertificates, close }: FaultsMenuProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [off, setOff] = useState('5s')
  const [skew, setSkew] = useState('2m')
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const certificates = useCertificates(listCertificates, setProblem)
  const certificate = chosen ?? certificates?.[0] ?? ''

  const row = (action: DeviceAction) => ({
    whyNot: whyNot(device, action, { connected, certificates }),
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
        onDo={() => void perform('useCertificate', { value: certificate }, (name) => ({ certificate: name }))}
      >
        <select
          className="faults-field"
          aria-label="certificate"
          title="Pairs of files in the folder certificates of the workspace"
          value={certificate}
          onChange={(event) => setChosen(event.target.value)}
        >
          {certificates?.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Row>
      {problem !== undefined && (
        <p className="faults-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

/** Looked for each time the menu opens: whoever misses one puts it there and looks again. */
function useCertificates(list: ListCertificates, onProblem: (problem: string) => void): readonly string[] | undefined {
  const [certificates, setCertificates] = useState<readonly string[] | undefined>(undefined)
  useEffect(() => {
    let left = false
    list().then(
      (names) => !left && setCertificates(names),
      (error: unknown) => !left && onProblem(messageOf(error)),
    )
    return () => {
      left = true
    }
  }, [list, onProblem])
  return certificates
}

interface RowProps {
  readonly label: string
  readonly what: string
  /** Why it cannot be done now; stands in place of what it does. */
  readonly whyNot: string | undefined
  readonly onDo: () => void
  readonly children?: ReactNode
}

function Row({ label, what, whyNot, onDo, children }: RowProps) {
  const possible = whyNot === undefined
  return (
    <form
      className="faults-row"
      onSubmit={(event) => {
        event.preventDefault()
        if (possible) onDo()
      }}
    >
      <Button kind="danger" size="small" disabled={!possible} title={possible ? what : sentence(whyNot)} onClick={onDo}>
        {label}
      </Button>
      {possible ? (
        <p className="faults-what">{what}</p>
      ) : (
        <p className="faults-what faults-why-not">{sentence(whyNot)}</p>
      )}
      {possible && children}
    </form>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly hint: string
  readonly onChange: (value: string) => void
}

function Field({ label, value, hint, onChange }: FieldProps) {
  const id = useId()
  return (
    <input
      id={id}
      className="faults-field"
      aria-label={label}
      value={value}
      placeholder={hint}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
