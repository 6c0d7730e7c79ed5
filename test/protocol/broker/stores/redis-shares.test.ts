import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { type BrokerProgram, buildBroker, KillableBroker } from '../../../helpers/killable-broker.ts'
import { ack, type Connect, publish, unsubscribe } from '../../../helpers/mqtt-octets.ts'
import { startRedis } from '../../../helpers/redis-server.ts'
import { until } from '../../../helpers/until.ts'

let program: BrokerProgram
beforeAll(async () => {
  program = await buildBroker()
})
afterAll(() => program.remove())

async function open(count: number): Promise<KillableBroker[]> {
  const { url } = await startRedis()
  const brokers: KillableBroker[] = []
  for (let n = 0; n < count; n++) {
    const broker = await KillableBroker.start(program, { type: 'redis', url })
    onTestFinished(() => broker.kill())
    brokers.push(broker)
  }
  return brokers
}

async function join(broker: KillableBroker | undefined, id: string, options: Connect = {}): Promise<ConformanceClient> {
  const client = await ConformanceClient.open(broker as KillableBroker, 4, 30_000)
  onTestFinished(() => void client.socket.destroy())
  await client.connect({ id, clean: false, ...options })
  return client
}

async function member(broker: KillableBroker | undefined, id: string, options: Connect = {}): Promise<Member> {
  const client = await join(broker, id, options)
  await client.subscribe([['$share/g/n/+', 2]])
  return { client, texts: [] }
}

interface Member {
  client: ConformanceClient
  readonly texts: string[]
}

/** Takes what came to the members, until it is so much. */
async function gather(members: readonly Member[], count: number): Promise<string[]> {
  const take = ({ client, texts }: Member) => {
    for (const came of client.unread.splice(0)) {
      if (came.kind === 'PUBLISH') texts.push(came.text)
      if (came.kind === 'PUBLISH' && came.qos > 0) client.send(ack(came.qos === 1 ? 'PUBACK' : 'PUBREC', came.packetId))
      if (came.kind === 'PUBREL') client.send(ack('PUBCOMP', came.packetId))
    }
  }
  const all = () => members.flatMap(({ texts }) => texts)
  await until(
    `${count} messages come`,
    () => {
      members.forEach(take)
      return all().length >= count
    },
    30_000,
  )
  return all()
}

function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `${from + n}`)
}

const byNumber = (all: readonly string[]) => [...all].sort((a, b) => Number(a) - Number(b))

/** What comes to the members later than a message that is published now. */
async function expectNoMore(members: readonly Member[], publisher: ConformanceClient): Promise<void> {
  for (const { client } of members) {
    await client.fence(publisher)
    expect(client.unread.filter(({ kind }) => kind === 'PUBLISH')).toEqual([])
  }
}

describe('a Shared Subscription with members at several brokers of one Redis', () => {
  it.each([2, 3])('gets each message once over %i brokers, and each member gets some', async (count) => {
    const brokers = await open(count)
    const members = await Promise.all(brokers.map((broker, n) => member(broker, `member-${n}`)))
    const publishers = await Promise.all(brokers.map((broker, n) => join(broker, `pump-${n}`)))
    for (const n of texts(0, 90)) {
      const publisher = publishers[Number(n) % count] as ConformanceClient
      await publisher.publish(`n/${n}`, n, { qos: (Number(n) % 3) as 0 | 1 | 2 })
    }
    expect(byNumber(await gather(members, 90))).toEqual(texts(0, 90))
    for (const publisher of publishers) await expectNoMore(members, publisher)
    for (const { texts } of members) expect(texts.length).toBeGreaterThan(90 / count / 3)
  })

  it('loses nothing while members come and go', async () => {
    const [a, b] = await open(2)
    const stays = await member(a, 'stays')
    const goes = await member(b, 'goes')
    const publisher = await join(a, 'pump')
    for (const n of texts(0, 200)) {
      publisher.send(publish(4, 'n/x', n, { qos: 1, packetId: Number(n) + 1 }))
      if (n === '100') await publisher.receiveAll('PUBACK', 20)
      if (n === '100') goes.client.send(unsubscribe(4, 5000, ['$share/g/n/+']))
    }
    expect(byNumber(await gather([stays, goes], 200))).toEqual(texts(0, 200))
    await expectNoMore([stays], publisher)
  })

  it('gives on to another broker what its member had not acknowledged when its Session ended', async () => {
    const [a, b] = await open(2)
    const goes = await member(a, 'goes', { clean: true })
    const publisher = await join(b, 'pump')
    for (const n of texts(0, 5)) await publisher.publish('n/x', n, { qos: 1 })
    await goes.client.receiveAll('PUBLISH', 5)
    const stays = await member(b, 'stays')
    await goes.client.disconnect()
    expect(await gather([stays], 5)).toEqual(texts(0, 5))
    await expectNoMore([stays], publisher)
  })

  it('moves with a Session to another broker, and what waits for it stays with it', async () => {
    const [a, b] = await open(2)
    const only = await member(a, 'only')
    await only.client.disconnect()
    const publisher = await join(a, 'pump')
    for (const n of texts(0, 20)) await publisher.publish('n/x', n, { qos: 1 })
    const pending = texts(20, 60).map(Number)
    for (const n of pending) publisher.send(publish(4, 'n/x', String(n), { qos: 1, packetId: 1000 + n }))
    only.client = await join(b, 'only')
    await publisher.receiveAll('PUBACK', pending.length)
    for (const n of texts(60, 80)) await publisher.publish('n/x', n, { qos: 1 })
    expect(byNumber(await gather([only], 80))).toEqual(texts(0, 80))
    await expectNoMore([only], publisher)
  })

  it('loses no message of QoS 1 when a broker with members is killed, also while it is not missed yet', async () => {
    const [a, b, c] = await open(3)
    const kept = await member(a, 'kept')
    const clean = await member(a, 'clean', { clean: true })
    const other = await member(b, 'other')
    const publisher = await join(c, 'pump')
    for (const n of texts(0, 30)) await publisher.publish('n/x', n, { qos: 1 })
    const before = await gather([kept, clean, other], 30)
    expect(byNumber(before)).toEqual(texts(0, 30))
    // What was acknowledged by them is stored by the time that this comes back.
    await Promise.all([kept, clean].map(({ client }) => client.ping()))
    await a?.kill()
    for (const n of texts(30, 90)) await publisher.publish('n/x', n, { qos: 1 })
    kept.client = await join(b, 'kept')
    expect(byNumber(await gather([kept, clean, other], 90))).toEqual(texts(0, 90))
    for (const n of texts(90, 120)) await publisher.publish('n/x', n, { qos: 1 })
    expect(byNumber(await gather([kept, clean, other], 120))).toEqual(texts(0, 120))
    await expectNoMore([kept, other], publisher)
  })

  it('is there again with what waits for it when the only broker is killed and started again', async () => {
    const [a] = await open(1)
    const only = await member(a, 'only')
    await only.client.hangUp()
    const publisher = await join(a, 'pump')
    for (const n of texts(0, 20)) await publisher.publish('n/x', n, { qos: 1 })
    await a?.restart()
    only.client = await join(a, 'only')
    const again = await join(a, 'pump')
    for (const n of texts(20, 30)) await again.publish('n/x', n, { qos: 1 })
    expect(byNumber(await gather([only], 30))).toEqual(texts(0, 30))
    await expectNoMore([only], again)
  })
})
