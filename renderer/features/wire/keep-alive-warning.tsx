import type { WireState } from '../../../app/contract/wire.ts'
import { useNow } from '../../state/use-now.ts'
import type { ClientName } from './held-packets.ts'
import { endangered, keepAliveWords } from './keep-alive.ts'
import './wire.css'

export interface KeepAliveWarningProps {
  readonly wire: WireState | undefined
  readonly clientName: ClientName
}

/** Holding a packet stops no clock: the keep alive runs on, and the broker gives up at its end [MQTT-3.1.2-24]. */
export function KeepAliveWarning({ wire, clientName }: KeepAliveWarningProps) {
  const now = useNow()
  const words = wire === undefined ? undefined : keepAliveWords(endangered(wire, now), clientName)
  if (words === undefined) return null
  return (
    <div className={words.ranOut ? 'keep-alive keep-alive-out' : 'keep-alive'} data-testid="keep-alive-warning">
      {/* Said once, and not again with every second. */}
      <span className="wire-unseen" role="alert">
        {words.ranOut ? 'A keep alive has run out' : 'A keep alive is about to run out because packets are held'}
      </span>
      <span>{words.text}</span>
    </div>
  )
}
