import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const publish = (topic: string, payload: string) =>
  ({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }) as const

describe('the wire, as a screen asks for it', () => {
  it('holds what a breakpoint matches, shows it, and delivers what was decided', async () => {
    const { caller, heard, port } = await openWorkbench()
    const states = heard('wire.changed')
    const subscriber = await RawClient.connect(port, 'dashboard')
    await subscriber.subscribe('site/#', 0)
    const publisher = await RawClient.connect(port, 'gateway')
    const { id } = await caller.call('wire.addBreakpoint', { filter: 'topic:site/# from:broker' })
    publisher.send(publish('site/a', 'one'))
    const held = await until('a packet is held', () => states.at(-1)?.held[0])
    expect(held).toMatchObject({ direction: 'to client', by: 'topic:site/# from:broker', waiting: 0 })
    expect(subscriber.packets).toEqual([])
    const whole = await caller.call('wire.heldOctets', { packet: held.packet })
    expect(whole).toEqual({ octets: held.octets, length: held.length })
    await caller.call('wire.decide', { packet: held.packet, action: 'twice' })
    await subscriber.receive('publish')
    await subscriber.receive('publish')
    await caller.call('wire.removeBreakpoint', { id })
    expect((await caller.call('wire.state', {})).breakpoints).toEqual([])
    await expect(caller.call('wire.decide', { packet: held.packet, action: 'drop' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('steps through the packets of everybody in the order of the capture, and lets go', async () => {
    const { caller, port } = await openWorkbench()
    const subscriber = await RawClient.connect(port, 'dashboard')
    await subscriber.subscribe('#', 0)
    const publisher = await RawClient.connect(port, 'gateway')
    await caller.call('wire.hold', { on: true })
    publisher.send(publish('a', '1'))
    publisher.send(publish('b', '2'))
    await until('both wait', async () => {
      const { heldCount, waitingCount } = await caller.call('wire.state', {})
      return heldCount + waitingCount >= 2
    })
    const { packet: first } = await caller.call('wire.next', {})
    // What the broker makes of it is held as well.
    await until('its delivery waits', async () => (await caller.call('wire.state', {})).held.length === 2)
    expect(subscriber.packets).toEqual([])
    const { packet: second } = await caller.call('wire.next', {})
    expect(second).toBeGreaterThan(first as number)
    await caller.call('wire.letGo', {})
    expect((await subscriber.receive('publish')).topic).toBe('a')
    expect((await subscriber.receive('publish')).topic).toBe('b')
    expect(await caller.call('wire.state', {})).toMatchObject({ holding: false, heldCount: 0, waitingCount: 0 })
    expect(await caller.call('wire.next', {})).toEqual({})
  })

  it('takes rules, counts what they do, and heals', async () => {
    const { caller, port } = await openWorkbench()
    const subscriber = await RawClient.connect(port, 'dashboard')
    await subscriber.subscribe('#', 0)
    const publisher = await RawClient.connect(port, 'gateway')
    const drop = { ...ruleDefaults('drop'), clients: 'gateway', filter: 'type:publish', times: 1 }
    const { id } = await caller.call('wire.addRule', drop)
    publisher.send(publish('a', '1'))
    publisher.send(publish('b', '2'))
    expect((await subscriber.receive('publish')).topic).toBe('b')
    const { rules } = await caller.call('wire.state', {})
    expect(rules).toMatchObject([{ id, matched: 1, hits: 1, done: true, enabled: true }])
    expect(rules[0]?.name).toMatch(/drop first PUBLISH/)
    const mistakes = { ...drop, fault: 'drop', filter: 'type:nonsense', clients: 'x' }
    await expect(caller.call('wire.addRule', mistakes)).rejects.toMatchObject({ code: 'invalid-argument' })
    expect(await caller.call('wire.cut', { clients: 'gate*', how: 'rst' })).toEqual({ connections: 1 })
    await until('the publisher hears of it', () => publisher.error?.code === 'ECONNRESET')
    expect(await caller.call('wire.heal', { clients: 'gateway' })).toEqual({ rules: 1 })
    expect((await caller.call('wire.state', {})).rules).toEqual([])
  })

  it('ends while packets are held, and nobody waits for ever', async () => {
    const { caller, port } = await openWorkbench()
    const client = await RawClient.connect(port, 'held')
    await caller.call('wire.hold', { on: true })
    client.send(publish('a', '1'))
    await until('it waits', async () => (await caller.call('wire.state', {})).heldCount === 1)
  })
})
