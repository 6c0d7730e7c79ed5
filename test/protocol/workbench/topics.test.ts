import { describe, expect, it } from 'vitest'
import { mostTopicRows } from '../../../app/contract/topics.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const publish = (topic: string, payload: string, retain = false) =>
  ({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain }) as const

const look = { open: ['plant', 'plant/pump'], from: 0, limit: 50, search: '' }

describe('the topics, as a screen asks for them', () => {
  it('are a tree with what is retained, how often something comes, and the last payload', async () => {
    const { caller, heard, port } = await openWorkbench()
    const changes = heard('topics.changed')
    const pump = await RawClient.connect(port, 'pump')
    await pump.subscribe('plant/pump/status', 0)
    pump.send(publish('plant/pump/status', 'online', true))
    await pump.receive('publish')
    await caller.call('topics.watch', { on: true })
    pump.send(publish('plant/pump/t', '{"celsius":1}'))
    pump.send(publish('plant/pump/t', '{"celsius":2}'))
    // The broker publishes as well, under $SYS.
    const plant = async () =>
      (await caller.call('topics.list', look)).rows.filter(({ path }) => path.startsWith('plant'))
    const rows = await until('both are counted', async () => {
      const seen = await plant()
      return seen[0]?.messages === 2 && seen
    })
    expect(
      rows.map(({ path, depth, topics, messages, retained }) => [path, depth, topics, messages, retained]),
    ).toEqual([
      ['plant', 0, 2, 2, false],
      ['plant/pump', 1, 2, 2, false],
      ['plant/pump/status', 2, 1, 0, true],
      ['plant/pump/t', 2, 1, 2, false],
    ])
    await until('it is told', () => changes.length > 0)
    const shown = await caller.call('topics.show', { topic: 'plant/pump/t' })
    expect(shown).toMatchObject({ last: { publisher: 'pump' } })
    expect(Buffer.from(shown.previous?.payload ?? []).toString()).toBe('{"celsius":1}')
    await expect(caller.call('topics.show', { topic: 'plant' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('tell nothing to a screen that does not look, and nothing more to one that has looked away', async () => {
    const { attach, caller, heard, port } = await openWorkbench()
    const changes = heard('topics.changed')
    const other = attach()
    let told = 0
    other.on('topics.changed', () => told++)
    await other.call('topics.watch', { on: true })
    const pump = await RawClient.connect(port, 'pump')
    pump.send(publish('a', '1'))
    await until('who looks is told', () => told > 0)
    expect(changes).toEqual([])
    await other.call('topics.watch', { on: false })
    const before = told
    await caller.call('topics.watch', { on: true })
    pump.send(publish('a', '2'))
    await until('the next one is told', () => changes.length > 0)
    expect(told).toBe(before)
  })

  it('clear what is retained, so that subscribers hear of it and new ones get nothing', async () => {
    const { caller, port } = await openWorkbench()
    const pump = await RawClient.connect(port, 'pump')
    await pump.subscribe('status', 0)
    pump.send(publish('status', 'online', true))
    await pump.receive('publish')
    await caller.call('topics.clearRetained', { topic: 'status' })
    expect((await pump.receive('publish')).payload).toHaveLength(0)
    expect((await caller.call('topics.show', { topic: 'status' })).retained).toBeUndefined()
    await pump.subscribe('status', 0)
    await pump.subscribe('fence', 0)
    expect(pump.packets).toEqual([])
    await expect(caller.call('topics.clearRetained', { topic: 'status' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('go to a screen a few lines at a time', async () => {
    const { caller } = await openWorkbench()
    const asked = caller.call('topics.list', { ...look, limit: mostTopicRows + 1 })
    await expect(asked).rejects.toMatchObject({ code: 'invalid-message' })
  })
})
