import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import { Backlog } from '../../../main/devices/load/backlog.ts'
import { LoadGroup } from '../../../main/devices/load/load-group.ts'
import { nodeClock } from '../../../main/devices/node-clock.ts'
import { ScriptedBroker } from '../../helpers/scripted-broker.ts'
import { until } from '../../helpers/until.ts'

let broker: ScriptedBroker
beforeAll(async () => {
  broker = await ScriptedBroker.open()
})
afterAll(() => broker.close())

const clients = 10

function open(backlog: Backlog, settings: Partial<LoadSettings>): LoadGroup {
  const group = new LoadGroup({
    plan: {
      settings: { topic: 'bl/{id}', everyMs: 0, payload: 'x'.repeat(100), qos: 1, retain: false, ...settings },
      client: {
        protocolVersion: 4,
        clientId: '{id}',
        cleanStart: true,
        keepAlive: 60,
        topicAliases: false,
        store: 'ram',
      },
    },
    seed: 1,
    address: { host: '127.0.0.1', port: broker.port },
    clock: nodeClock(0),
    backlog,
  })
  group.add(Array.from({ length: clients }, (_, i) => ({ n: i + 1, id: `bl-${i + 1}` })))
  onTestFinished(() => broker.forget())
  onTestFinished(() => group.close())
  return group
}

function publishes() {
  return broker.connections.flatMap((connection) =>
    connection.packets.flatMap((packet) => (packet.cmd === 'publish' ? [{ connection, packet }] : [])),
  )
}

describe('the clients of a load process', () => {
  it('publish no more while too many octets of all of them together wait, and go on when some are taken', async () => {
    const backlog = new Backlog(3000)
    const group = open(backlog, {})
    await until('it is full', () => backlog.isFull && group.report(1)?.online !== 0)
    await until(
      'all are online',
      () => broker.connections.filter(({ packets }) => packets.length > 0).length === clients,
    )
    await until(
      'what was sent has come',
      () => publishes().reduce((sum, { packet }) => sum + (packet.length ?? 0) + 2, 0) >= 3000,
    )
    // Without the bound it would be 20 of each client.
    expect(publishes().length).toBeLessThan(40)
    const before = publishes()
    broker.answer = ({ cmd, messageId }, connection) => {
      if (cmd === 'publish') connection.send({ cmd: 'puback', messageId: messageId ?? 0 })
    }
    for (const { connection, packet } of before) connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    await until('they go on', () => publishes().length > 200)
    expect(backlog.octets).toBeLessThanOrEqual(3000 + 200)
    await group.close()
    expect(backlog.octets).toBe(0)
  })

  it('leave messages out, and count them, where they publish at intervals', async () => {
    const backlog = new Backlog(1000)
    const group = open(backlog, { everyMs: 10 })
    let leftOut = 0
    await until('some are left out', () => {
      leftOut += group.report(1)?.reading?.errors['left out: too many messages wait for the broker'] ?? 0
      return leftOut > 20
    })
    expect(publishes().length).toBeLessThan(20)
  })

  it('count what a broker that does not read leaves in their sockets', async () => {
    const backlog = new Backlog(100_000_000)
    broker.answer = ({ cmd }, { socket }) => {
      if (cmd === 'publish') socket.pause()
    }
    const group = open(backlog, { qos: 0, payload: 'x'.repeat(50_000) })
    // Twenty at once are a million octets.
    await until('much waits in each', () => backlog.octets > clients * 900_000)
    await group.close()
    expect(backlog.octets).toBe(0)
  })
})
