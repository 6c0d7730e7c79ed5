import { describe, expect, it } from 'vitest'
import type { Result } from '../../../app/contract/contract.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

type Workbench = Awaited<ReturnType<typeof openWorkbench>>
type Detail = Result<'sessions.show'>

const publish = (topic: string, qos: 0 | 1 | 2, messageId = 1) =>
  ({ cmd: 'publish', topic, payload: topic, qos, dup: false, retain: false, messageId }) as const

const will = { topic: 'status', payload: Buffer.from('gone'), qos: 1 as const, retain: false }

function shown({ caller }: Workbench, clientId: string, what: string, isSo: (detail: Detail) => boolean) {
  return until(`${clientId} is shown ${what}`, async () => {
    const detail = await caller.call('sessions.show', { clientId })
    return isSo(detail) && detail
  })
}

/** A kept Session whose client takes one message and acknowledges nothing, with two more that wait. */
async function waiting(workbench: Workbench, clientId: string) {
  const { port } = workbench
  const options = {
    clean: false,
    protocolVersion: 5,
    properties: { sessionExpiryInterval: 600, receiveMaximum: 1 },
    will,
  }
  const client = await RawClient.connect(port, clientId, options as Parameters<typeof RawClient.connect>[2])
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'work/#', qos: 2, nl: true, rap: true, rh: 1 }],
    properties: { subscriptionIdentifier: 7 },
  } as never)
  await client.receive('suback')
  const publisher = await RawClient.connect(port, 'boss')
  for (let id = 1; id <= 3; id++) {
    publisher.send(publish(`work/${id}`, 1, id))
    await publisher.receive('puback')
  }
  return { client, publisher, options }
}

describe('a Session, as a screen asks for it', () => {
  it('shows what is in flight, what waits, what comes, and how long its client was silent', async () => {
    const workbench = await openWorkbench()
    const { client } = await waiting(workbench, 'worker')
    client.send(publish('elsewhere', 2, 9))
    await client.receive('pubrec')
    const detail = await workbench.caller.call('sessions.show', { clientId: 'worker' })
    expect(detail.session).toMatchObject({
      connected: true,
      expiry: 600,
      queued: 2,
      inflight: 1,
      incoming: 1,
      will: { topic: 'status', state: 'armed' },
      subscriptions: [
        { filter: 'work/#', qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 1, identifier: 7 },
      ],
    })
    expect(detail.inflight).toMatchObject([
      { topic: 'work/1', state: 'awaiting PUBACK', packetId: 1, sends: 1, publisher: 'boss', payloadLength: 6 },
    ])
    expect(detail.waiting).toMatchObject([
      { topic: 'work/2', state: 'idle', packetId: 0, sends: 0 },
      { topic: 'work/3', state: 'idle' },
    ])
    expect(detail.incoming).toMatchObject([{ packetId: 9 }])
    expect(detail.history).toMatchObject([{ sessionPresent: false, clean: false }])
    expect(detail.keepAlive).toMatchObject({ silent: expect.any(Number) })
    expect(detail.reconnect).toBeUndefined()
    client.reset()
  })

  it('tells what has changed while its client was away', async () => {
    const workbench = await openWorkbench()
    const { client, publisher, options } = await waiting(workbench, 'worker')
    client.reset()
    await shown(workbench, 'worker', 'gone', ({ session }) => !session.connected)
    publisher.send(publish('work/4', 1, 4))
    await publisher.receive('puback')
    const { will: _, ...without } = options
    await RawClient.connect(workbench.port, 'worker', { ...without, will: { ...will, topic: 'other' } } as never)
    const { reconnect, history } = await shown(workbench, 'worker', 'back', ({ session }) => session.connected)
    expect(reconnect?.left).toMatchObject({
      queued: 2,
      inflight: 1,
      subscriptions: [{ filter: 'work/#', qos: 2 }],
      subscriptionCount: 1,
      will: { topic: 'status', state: 'published' },
    })
    expect(reconnect?.found).toMatchObject({ queued: 3, inflight: 1, will: { topic: 'status', state: 'published' } })
    expect(history).toMatchObject([{ reason: 'connection lost' }, { sessionPresent: true }])
    expect(history[1]?.reason).toBeUndefined()
  })

  it('remembers the connections of a client that asks for a new Session, and that nothing was left', async () => {
    const workbench = await openWorkbench()
    const { client } = await waiting(workbench, 'worker')
    client.reset()
    await shown(workbench, 'worker', 'gone', ({ session }) => !session.connected)
    await RawClient.connect(workbench.port, 'worker', { clean: true })
    const { reconnect, history } = await shown(workbench, 'worker', 'back', ({ session }) => session.connected)
    expect(reconnect?.left).toMatchObject({ queued: 2, inflight: 1, subscriptionCount: 1 })
    expect(reconnect?.found).toMatchObject({ queued: 0, inflight: 0, subscriptionCount: 0, will: undefined })
    expect(history).toMatchObject([{ clean: false }, { clean: true, sessionPresent: false }])
  })

  it('is shown with its connections when it is over and its will was its last word', async () => {
    const workbench = await openWorkbench()
    const client = await RawClient.connect(workbench.port, 'short', { will })
    client.reset()
    const detail = await shown(workbench, 'short', 'gone', ({ session }) => !session.connected)
    expect(detail.session.will).toMatchObject({ state: 'published', reason: 'connection lost' })
    expect(detail.history).toMatchObject([{ reason: 'connection lost' }])
    await expect(workbench.caller.call('sessions.expire', { clientId: 'short' })).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(workbench.caller.call('sessions.show', { clientId: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('what can be done to a Session', () => {
  it('clears what waits, and leaves what is in flight', async () => {
    const workbench = await openWorkbench()
    const { client } = await waiting(workbench, 'worker')
    expect(await workbench.caller.call('sessions.clearQueue', { clientId: 'worker' })).toEqual({ messages: 2 })
    const { session } = await workbench.caller.call('sessions.show', { clientId: 'worker' })
    expect(session).toMatchObject({ queued: 0, inflight: 1, lost: { queueFull: 0, cleared: 2 } })
    client.send({ cmd: 'puback', messageId: 1 })
    await shown(workbench, 'worker', 'done', ({ session: { inflight } }) => inflight === 0)
    expect(client.packets.filter(({ cmd }) => cmd === 'publish')).toHaveLength(1)
  })

  it('disconnects with a Reason Code and a reason, and the will is published', async () => {
    const workbench = await openWorkbench()
    const { client } = await waiting(workbench, 'worker')
    const watcher = await RawClient.connect(workbench.port, 'watcher')
    await watcher.subscribe('status', 0)
    await workbench.caller.call('sessions.disconnect', { clientId: 'worker', code: 0x97, reason: 'too much' })
    expect(await client.receive('disconnect')).toMatchObject({
      reasonCode: 0x97,
      properties: { reasonString: 'too much' },
    })
    expect((await watcher.receive('publish')).topic).toBe('status')
    const { history } = await shown(workbench, 'worker', 'gone', ({ session }) => !session.connected)
    expect(history.at(-1)?.reason).toBe('disconnected by you, 0x97 Quota exceeded: too much')
    const again = workbench.caller.call('sessions.disconnect', { clientId: 'worker' })
    await expect(again).rejects.toMatchObject({ code: 'wrong-state' })
  })

  it('says administrative action where no code is chosen, and just closes in 3.1.1', async () => {
    const { caller, port } = await openWorkbench()
    const five = await RawClient.connect(port, 'five', { protocolVersion: 5 })
    const four = await RawClient.connect(port, 'four')
    for (const clientId of ['five', 'four']) await caller.call('sessions.disconnect', { clientId })
    expect(await five.receive('disconnect')).toMatchObject({ reasonCode: 0x98 })
    await until('the other is closed', () => four.ended)
    expect(four.packets).toEqual([])
  })

  it('ends a Session before its time: its client finds nothing when it is back', async () => {
    const workbench = await openWorkbench()
    const { client } = await waiting(workbench, 'worker')
    await workbench.caller.call('sessions.expire', { clientId: 'worker' })
    expect(await client.receive('disconnect')).toMatchObject({ reasonCode: 0x98 })
    expect((await workbench.caller.call('sessions.list', {})).map(({ clientId }) => clientId)).toContain('worker')
    const { session } = await workbench.caller.call('sessions.show', { clientId: 'worker' })
    expect(session).toMatchObject({ connected: false, subscriptions: [], will: { state: 'published' } })
    const back = await RawClient.open(workbench.port)
    back.send({ cmd: 'connect', clientId: 'worker', clean: false, protocolVersion: 4, keepalive: 0 })
    expect(await back.receive('connack')).toMatchObject({ sessionPresent: false })
  })
})
