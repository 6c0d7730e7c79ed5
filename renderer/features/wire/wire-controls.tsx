import { type ReactNode, useId, useRef, useState } from 'react'
import type { HeldPacket, WireState } from '../../../app/contract/wire.ts'
import { Button, type ButtonProps } from '../../ui/button.tsx'
import { HeldList } from './held-list.tsx'
import { type ClientName, isHolding, nextWords, targetOf, waitingWords } from './held-packets.ts'
import type { Shortcut } from './shortcuts.ts'
import { formatSpeed, speedsWith } from './speeds.ts'
import { useDismissal } from './use-dismissal.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { DropIcon, EditIcon, GoIcon, HoldIcon, StepIcon, TwiceIcon } from './wire-icons.tsx'
import './wire.css'

/** What can be done about one held packet. */
export type Decision = 'deliver' | 'drop' | 'twice'

/** Each resolves when it is done, whether it went well or not: who is called shows what went wrong. */
export interface WireCalls {
  readonly onHold: (on: boolean) => Promise<void>
  readonly onLetGo: () => Promise<void>
  readonly onNext: () => Promise<void>
  readonly onDecide: (packet: number, decision: Decision) => Promise<void>
  readonly onEdit: (packet: number) => Promise<void>
  readonly onSpeed: (speed: number) => Promise<void>
}

export interface WireControlsProps extends WireCalls {
  /** Undefined while nothing is known of the workbench: then nothing can be done. */
  readonly wire: WireState | undefined
  /** Number of the packet that is looked at; if it is held, the buttons act on it. */
  readonly selectedPacket: number | undefined
  readonly onSelectPacket: (packet: number) => void
  readonly clientName: ClientName
}

/** Holds the wire, and decides about what is held. Stands in the top bar and fills what is left of it. */
export function WireControls(props: WireControlsProps) {
  const { wire, selectedPacket } = props
  const [busy, run] = useOneAtATime()
  const target = wire === undefined ? undefined : targetOf(wire, selectedPacket)
  const holding = wire !== undefined && isHolding(wire)
  const hold = () => run(() => props.onHold(true))
  // Never waits for anything else: letting go always works.
  const letGo = () => void props.onLetGo()
  const deliver = () =>
    run(() =>
      target !== undefined && target.packet === selectedPacket
        ? props.onDecide(target.packet, 'deliver')
        : props.onNext(),
    )
  const shortcuts: Record<Shortcut, () => void> = { 'let go': letGo, 'deliver one': deliver, 'hold everything': hold }
  useShortcuts({ letGo: holding, deliver: target !== undefined }, (shortcut) => {
    if (wire !== undefined) shortcuts[shortcut]()
  })
  if (wire === undefined) return null
  return (
    <div className={holding ? 'wire wire-holding' : 'wire'}>
      {holding && <Pill {...props} wire={wire} target={target} />}
      {target !== undefined && <Next words={nextWords(target, props.clientName)} />}
      <span className="wire-space" />
      {holding ? (
        <>
          <Action
            icon={<GoIcon />}
            label="Let go"
            kind="primary"
            busy={false}
            onClick={letGo}
            title="Let all that waits go on, and stop holding everything. Breakpoints stay (F8)"
          />
          <Decisions
            target={target}
            busy={busy}
            run={run}
            deliver={deliver}
            calls={props}
            clientName={props.clientName}
          />
        </>
      ) : (
        <Action
          icon={<HoldIcon />}
          label="Hold everything"
          busy={busy}
          onClick={hold}
          title="Stop every packet of every client from now on (Shift+F8)"
        />
      )}
      <Speed speed={wire.speed} onSpeed={(speed) => run(() => props.onSpeed(speed))} />
    </div>
  )
}

interface DecisionsProps {
  readonly target: HeldPacket | undefined
  readonly busy: boolean
  readonly run: (call: () => Promise<void>) => void
  readonly deliver: () => void
  readonly calls: WireCalls
  readonly clientName: ClientName
}

function Decisions({ target, busy, run, deliver, calls, clientName }: DecisionsProps) {
  const off = busy || target === undefined
  const what = target === undefined ? 'nothing is held yet' : nextWords(target, clientName)
  const decide = (decision: Decision) => () => {
    if (target !== undefined) run(() => calls.onDecide(target.packet, decision))
  }
  const edit = () => {
    if (target !== undefined) void calls.onEdit(target.packet)
  }
  return (
    <span className="wire-decision">
      <Action icon={<StepIcon />} label="Deliver one" busy={off} onClick={deliver} title={`Deliver ${what} (F10)`} />
      <Action
        icon={<DropIcon />}
        label="Drop it"
        kind="danger"
        busy={off}
        onClick={decide('drop')}
        title={`Drop ${what}: it never arrives`}
      />
      <Action
        icon={<TwiceIcon />}
        label="Deliver twice"
        busy={off}
        onClick={decide('twice')}
        title={`Deliver twice: ${what}`}
      />
      <Action
        icon={<EditIcon />}
        label="Edit…"
        busy={off}
        onClick={edit}
        title={`Change before it is delivered: ${what}`}
      />
    </span>
  )
}

interface ActionProps extends Pick<ButtonProps, 'kind' | 'title' | 'onClick'> {
  readonly icon: ReactNode
  readonly label: string
  readonly busy: boolean
}

/** Where the bar is narrow only the icon is seen; the label is still its name. */
function Action({ icon, label, busy, ...rest }: ActionProps) {
  return (
    <Button {...rest} disabled={busy}>
      {icon}
      <span className="wire-label">{label}</span>
    </Button>
  )
}

interface PillProps extends WireControlsProps {
  readonly wire: WireState
  readonly target: HeldPacket | undefined
}

function Pill({ wire, target, selectedPacket, onSelectPacket, clientName }: PillProps) {
  const [open, setOpen] = useState(false)
  const id = useId()
  const place = useRef<HTMLDivElement>(null)
  useDismissal(place, open, () => setOpen(false))
  return (
    <div className="wire-place" ref={place}>
      <button
        type="button"
        className="wire-pill"
        aria-expanded={open}
        aria-controls={id}
        title={`${waitingWords(wire)}: show what is held`}
        onClick={() => setOpen(!open)}
        data-testid="wire-pill"
      >
        <HoldIcon />
        <span>
          <span className="wire-held">wire held · </span>
          <span role="status">{waitingWords(wire)}</span>
        </span>
      </button>
      {open && (
        <div className="wire-popover" id={id}>
          <HeldList
            wire={wire}
            selectedPacket={selectedPacket}
            next={target?.packet}
            clientName={clientName}
            onSelect={onSelectPacket}
          />
        </div>
      )}
    </div>
  )
}

/** Which packet the buttons beside it act on. */
function Next({ words }: { readonly words: string }) {
  return (
    <span className="wire-next" title={`The buttons act on ${words}`} data-testid="wire-next">
      <b>next</b> {words}
    </span>
  )
}

function Speed({ speed, onSpeed }: { readonly speed: number; readonly onSpeed: (speed: number) => void }) {
  return (
    <label
      className={speed === 1 ? 'wire-speed' : 'wire-speed wire-speed-slow'}
      title="Slow motion: packets take longer on their way"
    >
      speed
      <select value={speed} onChange={(event) => onSpeed(Number(event.target.value))}>
        {speedsWith(speed).map((choice) => (
          <option key={choice} value={choice}>
            {formatSpeed(choice)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A second click while the first is under way would concern another packet than the one that was seen. */
function useOneAtATime(): [boolean, (call: () => Promise<void>) => void] {
  const [busy, setBusy] = useState(false)
  const underWay = useRef(false)
  const run = (call: () => Promise<void>) => {
    if (underWay.current) return
    underWay.current = true
    setBusy(true)
    void call().finally(() => {
      underWay.current = false
      setBusy(false)
    })
  }
  return [busy, run]
}
