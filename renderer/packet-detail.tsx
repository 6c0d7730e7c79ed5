import { useEffect } from 'react'
import { FaultlineError } from '../app/base/errors.ts'
import type { Captured, CapturedPacket } from '../app/capture/captured.ts'
import type { HeldPacket, WireState } from '../app/contract/wire.ts'
import { PacketEditor } from './features/packet/packet-editor.tsx'
import { PacketPane } from './features/packet/packet-pane.tsx'
import type { CaptureView } from './state/capture-view.ts'
import { type Store, useStore } from './state/store.ts'
import { useHeldOctets } from './state/use-held-octets.ts'
import { useNow } from './state/use-now.ts'
import { useRecord } from './state/use-record.ts'
import type { Workbench } from './state/workbench.ts'
import { Button } from './ui/button.tsx'
import { formatWait } from './ui/format.ts'

export interface PacketDetailProps {
  readonly workbench: Workbench
  readonly view: CaptureView
  readonly number: number
  readonly wire: WireState | undefined
  /** Number of the held packet that is being edited. */
  readonly editing: Store<number | undefined>
  /** Shows the handshake that it belongs to; undefined where that is shown already. */
  readonly onHandshake: ((packet: number) => void) | undefined
  readonly onDeliver: (packet: number, octets: Uint8Array) => void
}

/** One record in detail; while it is held and somebody wants to change it, the editor instead. */
export function PacketDetail({ workbench, view, number, wire, editing, onHandshake, onDeliver }: PacketDetailProps) {
  const captured = useRecord(view.capture, number)
  const edited = useStore(editing)
  // What becomes of a packet, and whose it is, may be told after the packet itself.
  const now = useNow()
  const held = wire?.held.find(({ packet }) => packet === number)
  const whole = useHeldOctets(workbench, held?.packet)
  const isEdited = edited === number
  const gone = isEdited && held === undefined
  useEffect(() => {
    if (!gone) return
    editing.set(undefined)
    workbench.report(notHeldAnyMore(number))
  }, [gone, editing, number, workbench])
  const record = captured ?? (held && whole && recordOf(held, whole))
  const version = (record && view.directory.version(record.connection)) ?? 4
  if (held !== undefined && isEdited && whole !== undefined) {
    return (
      <PacketEditor
        key={number}
        octets={whole}
        version={version}
        onDeliver={(octets) => {
          editing.set(undefined)
          onDeliver(number, octets)
        }}
        onCancel={() => editing.set(undefined)}
      />
    )
  }
  return (
    <PacketPane
      record={record}
      version={version}
      fates={view.capture.fates.eventsOf(number)}
      {...(held !== undefined && { title: `held ${formatWait(now - held.since)}` })}
      {...(onHandshake !== undefined &&
        isOfHandshake(record) && {
          actions: (
            <Button size="small" onClick={() => onHandshake(number)}>
              Handshake
            </Button>
          ),
        })}
      onEdit={held !== undefined && whole !== undefined ? () => editing.set(number) : undefined}
    />
  )
}

function notHeldAnyMore(packet: number): FaultlineError {
  return new FaultlineError({
    code: 'wrong-state',
    message: `packet ${packet} was let go, or its connection closed, while it was being edited`,
    hint: 'nothing of the edit was sent',
  })
}

/** PUBLISH, PUBACK, PUBREC, PUBREL and PUBCOMP carry messages; the others belong to none. */
function isOfHandshake(record: Captured | undefined): boolean {
  if (record?.kind !== 'packet' || record.malformed !== false) return false
  const type = (record.octets[0] ?? 0) >>> 4
  return type >= 3 && type <= 7
}

/** A held packet whose record has left the capture meanwhile, as far as it is known. */
function recordOf({ packet, connection, direction, length }: HeldPacket, octets: Uint8Array): CapturedPacket {
  return {
    kind: 'packet',
    number: packet,
    time: 0,
    connection,
    direction,
    octets,
    length,
    malformed: false,
    origin: undefined,
  }
}
