import type { WireState } from '../app/contract/wire.ts'
import { PacketEditor } from './features/packet/packet-editor.tsx'
import { PacketPane } from './features/packet/packet-pane.tsx'
import type { CaptureView } from './state/capture-view.ts'
import { type Store, useStore } from './state/store.ts'
import { useNow } from './state/use-now.ts'
import { useRecord } from './state/use-record.ts'
import { Button } from './ui/button.tsx'
import { formatWait } from './ui/format.ts'

export interface PacketDetailProps {
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
export function PacketDetail({ view, number, wire, editing, onHandshake, onDeliver }: PacketDetailProps) {
  const record = useRecord(view.capture, number)
  const edited = useStore(editing)
  // What becomes of a packet, and whose it is, may be told after the packet itself.
  const now = useNow()
  const held = wire?.held.find(({ packet }) => packet === number)
  const version = (record && view.directory.version(record.connection)) ?? 4
  const whole = record?.kind === 'packet' && record.length === record.octets.length ? record.octets : undefined
  if (held !== undefined && edited === number && whole !== undefined) {
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
      {...(onHandshake !== undefined && {
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
