import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../app/capture/batch.ts'
import type { Caller } from '../../../app/contract/caller.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

type Opened = Awaited<ReturnType<typeof openWorkbench>>

/** A QoS 2 message from a gateway to a dashboard, complete. */
async function talk({ port }: Opened): Promise<void> {
  const subscriber = await RawClient.connect(port, 'dashboard')
  await subscriber.subscribe('site/#', 2)
  const publisher = await RawClient.connect(port, 'gateway')
  publisher.send({ cmd: 'publish', topic: 'site/a', payload: 'x', qos: 2, messageId: 9, dup: false, retain: false })
  await publisher.receive('pubrec')
  publisher.send({ cmd: 'pubrel', messageId: 9 })
  await publisher.receive('pubcomp')
  const { messageId = 0 } = await subscriber.receive('publish')
  subscriber.send({ cmd: 'pubrec', messageId })
  await subscriber.receive('pubrel')
  subscriber.send({ cmd: 'pubcomp', messageId })
}

async function completeMessage({ caller }: Opened, capture: string) {
  return await until('the message is complete', async () => {
    const { messages } = await caller.call('messages.follow', { capture })
    return messages.find(({ topic, state }) => topic === 'site/a' && state === 'complete')
  })
}

describe('messages over the contract', () => {
  it('are rebuilt from the beginning when somebody looks, and followed', async () => {
    const opened = await openWorkbench()
    const { caller, heard } = opened
    const changes = heard('messages.changed')
    await talk(opened)
    const summary = await completeMessage(opened, 'live')
    expect(summary).toMatchObject({ publisherId: 'gateway', subscriberIds: ['dashboard'], qos: 2, match: 'certain' })
    const message = await caller.call('messages.get', { capture: 'live', id: summary.id })
    const types = (steps: readonly { kind: string }[]) => steps.map((step) => ('type' in step ? step.type : step.kind))
    expect(types(message.publisher?.steps ?? [])).toEqual(['PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP'])
    expect(types(message.exchanges[0]?.steps ?? [])).toEqual(['PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP'])
    const [first] = message.exchanges[0]?.steps ?? []
    expect(await caller.call('messages.ofPacket', { capture: 'live', packet: first?.number ?? 0 })).toEqual({
      id: summary.id,
    })
    expect(await caller.call('messages.ofPacket', { capture: 'live', packet: 1 })).toEqual({})
    expect(changes.every(({ capture }) => capture === 'live')).toBe(true)
    await expect(caller.call('messages.get', { capture: 'live', id: 4711 })).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(caller.call('messages.follow', { capture: 'no such' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('go to the screens that follow, and to no other', async () => {
    const opened = await openWorkbench()
    const other = opened.attach()
    const unwanted: unknown[] = []
    other.on('messages.changed', (value) => unwanted.push(value))
    const changes = opened.heard('messages.changed')
    await opened.caller.call('messages.follow', { capture: 'live' })
    await talk(opened)
    await until('it is told', () => changes.some(({ changed }) => changed.some(({ topic }) => topic === 'site/a')))
    await other.call('sessions.list', {})
    expect(unwanted).toEqual([])
  })
})

describe('capture.search', () => {
  it('gives the numbers of the records that a filter matches', async () => {
    const opened = await openWorkbench()
    const { caller } = opened
    await talk(opened)
    await completeMessage(opened, 'live')
    const search = { capture: 'live', filter: 'type:publish client:dashboard', from: 1, to: 1000 }
    const { numbers, scannedTo } = await caller.call('capture.search', search)
    expect(numbers).toHaveLength(1)
    const batch = new CaptureBatch((await caller.call('capture.read', { capture: 'live', from: 1, limit: 4096 })).block)
    expect(scannedTo).toBe(batch.first + batch.count - 1)
    expect(batch.at((numbers[0] as number) - 1)).toMatchObject({ kind: 'packet', direction: 'to client' })
    await expect(caller.call('capture.search', { ...search, filter: 'type:' })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
  })
})

describe('recordings', () => {
  it('are written from now on, listed, opened beside the running capture, and closed', async () => {
    const opened = await openWorkbench()
    const { caller, heard, workspace } = opened
    const states = heard('recording.changed')
    const started = await caller.call('recording.start', {})
    expect(started).toMatchObject({ path: expect.stringMatching(/^recordings\/.+\.faultline$/), records: 0 })
    await expect(caller.call('recording.start', {})).rejects.toMatchObject({ code: 'wrong-state' })
    await talk(opened)
    await until('it is written', async () => (await caller.call('recording.state', {})).records > 15)
    const stopped = await caller.call('recording.stop', {})
    expect(stopped.path).toBeUndefined()
    expect(states.at(-1)).toEqual(stopped)
    const [file] = await caller.call('recordings.list', {})
    expect(file).toMatchObject({ path: started.path, octets: stopped.octets })
    const recording = await caller.call('recordings.open', { path: started.path as string })
    expect(recording.records).toBe(stopped.records)
    expect(recording.connections.map(({ clientId }) => clientId)).toEqual(['dashboard', 'gateway'])
    const { block } = await caller.call('capture.read', { capture: recording.id, from: recording.first, limit: 4096 })
    expect(new CaptureBatch(block).count).toBe(recording.records)
    expect(await completeMessage(opened, recording.id)).toMatchObject({ subscriberIds: ['dashboard'] })
    await caller.call('recordings.close', { capture: recording.id })
    await expect(caller.call('capture.read', { capture: recording.id, from: 1, limit: 1 })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await readFile(join(workspace, started.path as string))).toHaveLength(stopped.octets)
  })

  it('are exported in every format, with a filter', async () => {
    const opened = await openWorkbench()
    const { caller, workspace } = opened
    await talk(opened)
    await completeMessage(opened, 'live')
    const write = (format: 'faultline' | 'pcapng' | 'jsonl' | 'csv', filter: string) =>
      caller.call('capture.export', { capture: 'live', format, filter })
    const lines = await write('jsonl', 'type:publish')
    expect(lines.records).toBe(2)
    const text = await readFile(join(workspace, lines.path), 'utf8')
    expect(text.trim().split('\n')).toHaveLength(2)
    expect(text.length).toBe(lines.octets)
    for (const format of ['faultline', 'pcapng', 'csv'] as const) {
      const { path, octets } = await write(format, '')
      expect(await readFile(join(workspace, path))).toHaveLength(octets)
    }
    expect((await caller.call('recordings.list', {})).map(({ path }) => path.split('.').pop()).sort()).toEqual([
      'faultline',
      'pcapng',
    ])
    await expect(write('csv', 'qos>')).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('say what stands in the way, and lose nothing else', async () => {
    const { caller, workspace } = await openWorkbench()
    await expect(caller.call('recordings.open', { path: 'nothing.faultline' })).rejects.toMatchObject({
      code: 'file-unreadable',
    })
    await writeFile(join(workspace, 'noise.faultline'), 'noise')
    await expect(caller.call('recordings.open', { path: 'noise.faultline' })).rejects.toThrow()
    await writeFile(join(workspace, 'recordings'), 'a file where the folder would be')
    await expect(caller.call('recording.start', {})).rejects.toMatchObject({ code: 'file-unwritable' })
    expect(await caller.call('recording.state', {})).toEqual({ records: 0, octets: 0, lost: 0 })
  })

  it('are open as long as a screen needs them, and some time longer', async () => {
    const clock = new FakeClock()
    const { attach, caller } = await openWorkbench({ clock })
    const { path = '' } = await caller.call('recording.start', {})
    await caller.call('recording.stop', {})
    const other = attach()
    const { id } = await caller.call('recordings.open', { path })
    expect((await other.call('recordings.open', { path })).id).toBe(id)
    const read = (screen: Caller) => screen.call('capture.read', { capture: id, from: 1, limit: 1 })
    // Twice is once for a screen.
    await caller.call('recordings.open', { path })
    await caller.call('recordings.close', { capture: id })
    await read(other)
    other.dispose()
    // What came before the answer has been heard, also that the other has gone.
    await caller.call('sessions.list', {})
    clock.advance(20_000)
    // The page of that screen, with a new connection.
    const again = attach()
    await read(again)
    clock.advance(60_000)
    await read(again)
    again.dispose()
    await caller.call('sessions.list', {})
    clock.advance(60_000)
    await expect(read(caller)).rejects.toMatchObject({ code: 'not-found' })
  })
})
