import type { ConnectionSnapshot } from '../../../app/contract/contract.ts'
import type { ClientView } from '../../state/clients.ts'
import { Card, Fact, Facts } from '../../ui/card.tsx'
import { formatCount, formatSpan } from '../../ui/format.ts'

const versionNames = new Map([
  [3, 'MQTT 3.1'],
  [4, 'MQTT 3.1.1'],
  [5, 'MQTT 5'],
])

export interface LinkCardProps {
  readonly client: ClientView
  readonly now: number
}

export function LinkCard({ client, now }: LinkCardProps) {
  const { connection } = client
  return (
    <Card title="Link">
      {connection?.open === true ? (
        <Facts>
          <Fact name="from">
            <code>{connection.remote}</code> · {protocolName(connection)}
          </Fact>
          <Fact name="packets">
            {formatCount(connection.packets)} in {formatSpan(now - connection.since)}
          </Fact>
        </Facts>
      ) : (
        <p className="inspector-remark">There is no connection now.</p>
      )}
    </Card>
  )
}

function protocolName({ protocolVersion }: ConnectionSnapshot): string {
  if (protocolVersion === undefined) return 'no CONNECT yet'
  return versionNames.get(protocolVersion) ?? `protocol level ${protocolVersion}`
}
