import type { Session } from '../../state/clients.ts'
import { Card, Fact, Facts } from '../../ui/card.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatOctets, formatSpan } from '../../ui/format.ts'
import { qosTones } from './session-card.tsx'

export interface WillCardProps {
  readonly will: Session['will']
  readonly now: number
}

export function WillCard({ will, now }: WillCardProps) {
  if (will === undefined) {
    return (
      <Card title="Will · none">
        <p className="inspector-remark">If this client dies, nobody is told.</p>
      </Card>
    )
  }
  return (
    <Card title={`Will · ${will.state}`} tone="purple">
      <Facts>
        <Fact name="topic">
          <code>{will.topic}</code> <Chip tone={qosTones[will.qos]}>{`QoS ${will.qos}`}</Chip>
          {will.retain && <Chip tone="purple">RETAIN</Chip>}
        </Fact>
        <Fact name="payload">
          <code className="inspector-payload">{payloadText(will.payload)}</code>
        </Fact>
        {will.state !== 'armed' && (
          <Fact name={will.state}>
            {formatSpan(now - will.since)} ago{will.reason === undefined ? '' : ` · ${will.reason}`}
          </Fact>
        )}
      </Facts>
    </Card>
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function payloadText(payload: Uint8Array): string {
  if (payload.length === 0) return 'empty'
  try {
    return utf8.decode(payload)
  } catch {
    // Not text: what it is cannot be said in a line.
    return `${formatOctets(payload.length)}, not text`
  }
}
