import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CaptureBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { exportFormats } from '../../../../app/capture/export-encoder.ts'
import { compileFilter } from '../../../../app/capture/filter.ts'
import { exportCapture } from '../../../../main/recorder/export.ts'
import { openRecording } from '../../../../main/recorder/open-recording.ts'
import { captured } from '../../../helpers/captured.ts'
import { Scene } from '../../../helpers/scene.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const publish = { cmd: 'publish', topic: 'plant/a', qos: 1, messageId: 7, dup: false, retain: true } as const

/** A short story with one of nearly everything. */
function story(): Scene {
  const scene = new Scene()
  scene.opened(1)
  scene.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 4, clean: true, keepalive: 30 })
  scene.send(1, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: true })
  const late = scene.send(1, 'to broker', { ...publish, payload: '=1+1, "ä"\n' })
  scene.event(1, { type: 'packet held', packet: late, by: 'a breakpoint' })
  scene.event(1, { type: 'packet sent', packet: late, by: 'a breakpoint', delay: 1500, copies: 2, octets: 'c000' })
  scene.send(
    1,
    'to client',
    { ...publish, payload: Buffer.of(0xff, 0) },
    { origin: { message: 3, kind: 'will', clientId: '@x' } },
  )
  scene.send(1, 'to client', { ...publish, qos: 0, payload: 'x'.repeat(9) }, { length: 5000 })
  scene.send(1, 'to broker', Buffer.of(0, 1), { malformed: 'reserved packet type' })
  scene.event(1, { type: 'closed', by: 'client', cause: 'rst' })
  return scene
}

const text = (octets: Uint8Array) => Buffer.from(octets).toString()

async function reopened(octets: Uint8Array) {
  const path = join(await temporaryFolder(), 'capture.faultline')
  await writeFile(path, octets)
  const recording = await openRecording(path)
  onTestFinished(() => recording.dispose())
  return recording
}

function recordsOf({
  first,
  next,
  read,
}: {
  first: number
  next: number
  read(from: number, limit: number): Uint8Array
}): Captured[] {
  const records: Captured[] = []
  for (let from = first; from < next; ) {
    const batch = new CaptureBatch(read(from, 100))
    for (let i = 0; i < batch.count; i++) records.push(batch.at(i) as Captured)
    from = batch.first + batch.count
  }
  return records
}

describe('an export as JSON Lines', () => {
  it('says all of a record on a line of its own', async () => {
    const { octets } = await story().export('jsonl')
    const lines = text(octets)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const common = { connection: 1, clientId: 'pump' }
    expect(lines).toHaveLength(10)
    expect(lines[0]).toEqual({
      number: 1,
      time: 0,
      wallTime: '2023-11-14T22:13:20.000000000Z',
      kind: 'event',
      connection: 1,
      event: { type: 'opened', transport: 'tcp', remote: '127.0.0.1:40001' },
    })
    expect(lines[1]).toMatchObject({
      ...common,
      type: 'CONNECT',
      protocolVersion: 4,
      keepAlive: 30,
      clean: true,
      direction: 'to broker',
    })
    expect(lines[1]).not.toHaveProperty('dup')
    expect(lines[2]).toMatchObject({ ...common, type: 'CONNACK', sessionPresent: true, code: 0, length: 4 })
    expect(lines[3]).toEqual({
      ...common,
      number: 4,
      time: 9_000_000,
      wallTime: '2023-11-14T22:13:20.009000000Z',
      kind: 'packet',
      direction: 'to broker',
      type: 'PUBLISH',
      packetId: 7,
      qos: 1,
      dup: false,
      retain: true,
      topic: 'plant/a',
      payload: { text: '=1+1, "ä"\n' },
      length: 24,
      fates: [
        { number: 5, time: 9_000_000, type: 'packet held', by: 'a breakpoint' },
        {
          number: 6,
          time: 9_000_000,
          type: 'packet sent',
          by: 'a breakpoint',
          delay: 1500,
          copies: 2,
          octets: { base64: 'wAA=' },
        },
      ],
    })
    expect(lines[6]).toMatchObject({
      payload: { base64: '/wA=' },
      origin: { message: 3, kind: 'will', clientId: '@x' },
    })
    expect(lines[7]).toMatchObject({ length: 5000, kept: 20, payload: { text: 'x'.repeat(9) } })
    expect(lines[8]).toMatchObject({ malformed: 'reserved packet type', octets: { base64: 'AAE=' }, length: 2 })
    expect(lines[8]).not.toHaveProperty('type')
  })
})

describe('an export as CSV', () => {
  /** Reads it as RFC 4180 says. */
  function parse(csv: string): Record<string, string>[] {
    const rows: string[][] = [[]]
    for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
      rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
      if (end === '\r\n') rows.push([])
    }
    const [header = [], ...body] = rows.slice(0, -1)
    return body.map((cells) => {
      expect(cells).toHaveLength(header.length)
      return Object.fromEntries(header.map((name, i) => [name, cells[i] as string]))
    })
  }

  it('has a row for each record, and no formula', async () => {
    const rows = parse(text((await story().export('csv')).octets))
    expect(rows).toHaveLength(10)
    expect(rows[0]).toMatchObject({
      number: '1',
      type: '',
      event: 'opened {"transport":"tcp","remote":"127.0.0.1:40001"}',
    })
    expect(rows[1]).toMatchObject({ type: 'CONNECT', protocol_version: '4', keep_alive: '30', clean: 'true', dup: '' })
    expect(rows[3]).toMatchObject({
      wall_time: '2023-11-14T22:13:20.009000000Z',
      time_ns: '9000000',
      client_id: 'pump',
      direction: 'to broker',
      type: 'PUBLISH',
      packet_id: '7',
      qos: '1',
      dup: 'false',
      retain: 'true',
      topic: 'plant/a',
      payload_encoding: 'text',
      payload: '\'=1+1, "ä"\n',
      fates: 'held by a breakpoint; sent changed 2 times after 1500 ns by a breakpoint',
    })
    expect(rows[6]).toMatchObject({
      payload_encoding: 'base64',
      payload: '/wA=',
      origin_kind: 'will',
      origin_client_id: "'@x",
    })
    expect(rows[7]).toMatchObject({ length: '5000', kept: '20' })
    expect(rows[8]).toMatchObject({ malformed: 'reserved packet type', type: '', payload: 'AAE=' })
  })

  it('gives back any topic and payload, without one that begins like a formula', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        async (topic, payload) => {
          const scene = new Scene()
          scene.send(1, 'to broker', { ...publish, topic, payload })
          const [row] = parse(text((await scene.export('csv')).octets))
          for (const [cell, sent] of [
            [row?.['topic'], topic],
            [row?.['payload'], payload],
          ] as const) {
            expect(cell).not.toMatch(/^[=+\-@\t\r\n]/)
            expect(cell?.replace(/^'/, '')).toBe(sent)
          }
        },
      ),
    )
  })
})

describe('an export as a recording', () => {
  it('has every record as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(captured, { maxLength: 40 }), async (entries) => {
        const scene = new Scene()
        for (const entry of entries) {
          if (entry.kind === 'event') scene.event(entry.connection, entry.event)
          else
            scene.recorder.packet(
              entry.connection,
              entry.direction,
              entry.octets,
              entry.malformed,
              entry.origin,
              entry.length,
            )
        }
        const recording = await reopened((await scene.export('faultline')).octets)
        expect(
          recordsOf({ ...recording, first: recording.first, read: (from, limit) => recording.read(from, limit) }),
        ).toEqual(recordsOf(scene.source()))
        expect([recording.problem, recording.records]).toEqual([undefined, entries.length])
        recording.dispose()
      }),
      { numRuns: 50 },
    )
  })

  it('of what a filter chooses is numbered anew, fates with it, and knows who is who', async () => {
    const scene = story()
    scene.send(2, 'to broker', { cmd: 'pingreq' })
    scene.known.push({ id: 1, clientId: 'pump', protocolVersion: 4, keepAlive: 30, remote: '127.0.0.1:40001' })
    const { octets, result } = await scene.export('faultline', 'type:publish from:client')
    const recording = await reopened(octets)
    expect(result).toMatchObject({ records: 3, packets: 1, of: 11 })
    const records = [1, 2, 3].map((number) => recording.record(number))
    expect(records).toMatchObject([
      { kind: 'packet', number: 1, time: 9_000_000 },
      { kind: 'event', number: 2, event: { type: 'packet held', packet: 1 } },
      { kind: 'event', number: 3, event: { type: 'packet sent', packet: 1 } },
    ])
    expect(recording.next).toBe(4)
    expect(recording.names.clientId(1)).toBe('pump')
    expect(recording.connections.map(({ id }) => id)).toEqual([1])
  })

  it('begins with the oldest record that is still there, and says who had been connected', async () => {
    const scene = new Scene(64 * 1024)
    scene.opened(1)
    scene.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 5, clean: true, keepalive: 0 })
    for (let i = 0; i < 40; i++) scene.send(1, 'to broker', Buffer.alloc(4000, 0x30))
    scene.known.push(
      { id: 1, clientId: 'pump', protocolVersion: 5, remote: '127.0.0.1:40001' },
      { id: 9, remote: 'long gone' },
    )
    const { first } = scene.source()
    expect(first).toBeGreaterThan(2)
    const recording = await reopened((await scene.export('faultline')).octets)
    expect([recording.first, recording.problem]).toEqual([first, undefined])
    expect(recording.connections).toMatchObject([
      { id: 1, clientId: 'pump', protocolVersion: 5, remote: '127.0.0.1:40001', open: true },
    ])
  })
})

describe('exportCapture', () => {
  it.each(exportFormats)('waits for a slow sink and holds little, as %s', async (format) => {
    const scene = new Scene()
    const payload = Buffer.alloc(30_000, 'x')
    for (let i = 0; i < 300; i++) scene.send(1, 'to broker', { ...publish, payload })
    let writing = 0
    let most = 0
    const sink = {
      async write(octets: Uint8Array) {
        writing += 1
        most = Math.max(most, writing, octets.length / 4_000_000)
        await new Promise((resolve) => setImmediate(resolve))
        writing -= 1
      },
    }
    const { octets } = await exportCapture(scene.source(), { format, filter: compileFilter(''), program: '1' }, sink)
    expect(octets).toBeGreaterThan(300 * 30_000)
    // One piece at a time, and none of them large.
    expect(most).toBe(1)
  })

  it('fills a very large packet up without holding it', async () => {
    const scene = new Scene()
    const length = 40 * 1024 * 1024
    scene.send(1, 'to broker', Buffer.alloc(1000, 0x30), { length })
    let written = 0
    let largest = 0
    const sink = {
      async write(octets: Uint8Array) {
        written += octets.length
        largest = Math.max(largest, octets.length)
      },
    }
    await exportCapture(scene.source(), { format: 'pcapng', filter: compileFilter(''), program: '1' }, sink)
    expect(written).toBeGreaterThan(length)
    expect(largest).toBeLessThan(1024 * 1024)
  })

  it('counts what left the ring before it came to it', async () => {
    const scene = new Scene(64 * 1024)
    for (let i = 0; i < 50; i++) scene.send(1, 'to broker', Buffer.alloc(1000, 0x30))
    const source = scene.source()
    let pieces = 0
    const sink = {
      async write() {
        pieces += 1
      },
    }
    for (let i = 0; i < 30; i++) scene.send(1, 'to broker', Buffer.alloc(1000, 0x30))
    const gone = scene.source().first - source.first
    const all = source.next - source.first
    expect(gone).toBeGreaterThan(0)
    expect(gone).toBeLessThan(all)
    const result = await exportCapture(source, { format: 'csv', filter: compileFilter(''), program: '1' }, sink)
    expect(result).toMatchObject({ of: all, missed: gone, records: all - gone, packets: all - gone })
    expect(pieces).toBe(1)
  })
})
