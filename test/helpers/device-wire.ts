import type { ScriptedConnection } from './scripted-broker.ts'
import { until } from './until.ts'

/** Messages and PUBRELs that a device has sent: Packet Identifier, payload, DUP. */
export function published({ packets }: ScriptedConnection): string[] {
  return packets.flatMap((packet) => {
    if (packet.cmd === 'pubrel') return [`PUBREL ${packet.messageId}`]
    return packet.cmd === 'publish' ? [`${packet.messageId} ${packet.payload}${packet.dup ? ' DUP' : ''}`] : []
  })
}

/** Settles when a device has sent as many of them. */
export function sends(connection: ScriptedConnection, count: number): Promise<string[]> {
  return until(`${count} messages are sent`, () => {
    const all = published(connection)
    return all.length >= count && all
  })
}

/** Settles when everything that the device had written before is there. */
export async function roundTrip(connection: ScriptedConnection): Promise<void> {
  const before = connection.packets.filter(({ cmd }) => cmd === 'pubcomp').length
  connection.send({ cmd: 'pubrel', messageId: 9999, reasonCode: 0 })
  await until('it has answered', () => connection.packets.filter(({ cmd }) => cmd === 'pubcomp').length > before)
}
