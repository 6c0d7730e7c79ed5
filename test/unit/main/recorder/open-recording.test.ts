import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CaptureBatch, packBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { encodeEnd, encodeHeader, encodeRecords } from '../../../../app/capture/recording-format.ts'
import { openRecording } from '../../../../main/recorder/open-recording.ts'
import type { RecordedCapture } from '../../../../main/recorder/recorded-capture.ts'
import { captured } from '../../../helpers/captured.ts'
import { Scene } from '../../../helpers/scene.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const header = encodeHeader({ captureStart: 1_700_000_000_000, program: '1', connections: [] })

/** Chunks of records with a gap before some. */
const chunks = fc
  .array(fc.tuple(fc.array(captured, { minLength: 1, maxLength: 6 }), fc.nat(3)), { maxLength: 6 })
  .map((parts) => {
    let next = 1
    return parts.map(([records, gap]) => {
      next += gap
      return records.map((record): Captured => ({ ...record, number: next++ }))
    })
  })

async function fileWith(...pieces: Uint8Array[]): Promise<string> {
  const path = join(await temporaryFolder(), 'a.faultline')
  await writeFile(path, Buffer.concat(pieces))
  return path
}

async function opened(path: string): Promise<RecordedCapture> {
  const recording = await openRecording(path)
  onTestFinished(() => recording.dispose())
  return recording
}

function ping(number: number): Captured {
  const octets = Uint8Array.of(0xc0, 0)
  const common = { kind: 'packet', time: number, connection: 1, direction: 'to broker', origin: undefined } as const
  return { ...common, number, octets, length: 2, malformed: false }
}

describe('openRecording', () => {
  it('offers every record, from any number and in any portions', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 20 }), async (chunks, limit) => {
        const path = await fileWith(header, ...chunks.map((chunk) => encodeRecords(packBatch(chunk))), encodeEnd({}))
        const recording = await openRecording(path)
        const all = chunks.flat()
        expect([recording.first, recording.next, recording.records]).toEqual([
          all[0]?.number ?? 1,
          (all.at(-1)?.number ?? 0) + 1,
          all.length,
        ])
        for (let number = 0; number <= recording.next + 1; number++) {
          expect(recording.record(number)).toEqual(all.find((record) => record.number === number))
          const batch = new CaptureBatch(recording.read(number, limit))
          const from = all.findIndex((record) => record.number >= number)
          // Up to the limit, or to where a number is missing.
          const wanted = from < 0 ? [] : all.slice(from, from + limit)
          const end = wanted.findIndex((record, i) => i > 0 && record.number !== (wanted[i - 1] as Captured).number + 1)
          const read = Array.from({ length: batch.count }, (_, i) => batch.at(i))
          expect(read).toEqual(end < 0 ? wanted : wanted.slice(0, end))
          expect(batch.first).toBe(wanted[0]?.number ?? recording.next)
        }
        const missing = recording.next - recording.first - all.length
        if (missing === 0) expect(recording.problem).toBeUndefined()
        else expect(recording.problem).toMatch(`${missing} records are missing`)
        recording.dispose()
      }),
      { numRuns: 50 },
    )
  })

  it('reads what is whole of a damaged file, and says what is not', async () => {
    const chunk = encodeRecords(packBatch([ping(1), ping(2)]))
    const recording = await opened(await fileWith(header, chunk, chunk.subarray(0, 20)))
    expect(recording.records).toBe(2)
    const size = header.length + chunk.length + 20
    expect(recording.problem).toBe(`the last 20 of ${size} octets cannot be read: it ends within a block`)
  })

  it('says when the file has changed since', async () => {
    // More than is kept in memory of it.
    const large = (number: number): Captured =>
      ({ ...ping(number), octets: new Uint8Array(5_000_000), length: 5_000_000 }) as Captured
    const path = await fileWith(
      header,
      ...[1, 2, 3, 4, 5].map((number) => encodeRecords(packBatch([large(number)]))),
      encodeEnd({}),
    )
    const recording = await opened(path)
    expect(recording.record(1)).toMatchObject({ number: 1 })
    for (const number of [2, 3, 4, 5]) recording.record(number)
    const file = await open(path, 'r+')
    await file.write(Buffer.from('changed'), 0, 7, header.length + 100)
    await file.close()
    expect(() => recording.read(1, 1)).toThrow(expect.objectContaining({ code: 'file-unreadable' }))
    expect(recording.record(5)).toMatchObject({ number: 5 })
  })

  it('opens a recording that is larger than what it may hold in memory', async () => {
    const path = join(await temporaryFolder(), 'large.faultline')
    const file = await open(path, 'w')
    await file.write(header)
    const body = new Uint8Array(1_000_000)
    const count = 300
    for (let number = 1; number <= count; number++) {
      const record = { ...ping(number), octets: body, length: body.length } as Captured
      await file.write(encodeRecords(packBatch([record])))
    }
    await file.close()
    expect((await stat(path)).size).toBeGreaterThan(300_000_000)
    const before = process.memoryUsage().arrayBuffers
    const recording = await opened(path)
    for (const number of [1, 150, 300, 2]) {
      expect(new CaptureBatch(recording.read(number, 4096)).count).toBe(number > 296 ? 301 - number : 4)
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150_000_000)
    expect(recording.next).toBe(count + 1)
  })

  it('opens pcapng as it opens its own', async () => {
    const scene = new Scene()
    scene.opened(1, '10.0.0.7:50000')
    scene.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 5, clean: true, keepalive: 7 })
    scene.event(1, { type: 'closed', by: 'broker', cause: 'rst' })
    const recording = await opened(await fileWith((await scene.export('pcapng')).octets))
    expect([recording.first, recording.next, recording.records, recording.problem]).toEqual([1, 4, 3, undefined])
    expect(recording.names.version(1)).toBe(5)
    expect(recording.connections).toMatchObject([
      { id: 1, clientId: 'pump', protocolVersion: 5, keepAlive: 7, open: false },
    ])
  })

  it('lets others run while it looks at what is in a pcapng', async () => {
    const scene = new Scene()
    scene.opened(1)
    // Many packets in few frames.
    const pings = new Uint8Array(1400).map((_, i) => (i % 2 === 0 ? 0xc0 : 0))
    for (let i = 0; i < 150; i++) scene.send(1, 'to broker', pings)
    const path = await fileWith((await scene.export('pcapng')).octets)
    const pieces = (await stat(path)).size / 1024 / 1024
    let turns = 0
    let counting = true
    const count = () => {
      turns += 1
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    const recording = await opened(path)
    counting = false
    expect(recording.records).toBeGreaterThan(100_000)
    // It was read piece by piece, and what was read was looked at piece by piece.
    expect(turns).toBeGreaterThan(Math.ceil(pieces) + 2)
  })

  it.each([
    ['nothing of it', 0],
    ['half a block', 20],
  ])('says of a recording that is being written, with %s behind its last block, that it is', async (_, length) => {
    const chunk = encodeRecords(packBatch([ping(1), ping(2)]))
    const path = await fileWith(header, chunk, chunk.subarray(0, length))
    const recording = await openRecording(path, { isBeingWritten: true })
    onTestFinished(() => recording.dispose())
    expect(recording.records).toBe(2)
    expect(recording.problem).toBe('it is still being written: open it again to see what came after it was opened')
  })

  it('says of a recording that is being written what is damaged', async () => {
    const chunk = encodeRecords(packBatch([ping(1), ping(2)]))
    const broken = chunk.map((octet, i) => (i === 30 ? octet ^ 1 : octet))
    const recording = await openRecording(await fileWith(header, broken), { isBeingWritten: true })
    onTestFinished(() => recording.dispose())
    expect(recording.problem).toMatch(/the check sum of a block is wrong$/)
  })

  it.each([
    ['a text', Buffer.from('hello, world'), 'invalid-argument'],
    ['an empty file', Buffer.alloc(0), 'invalid-argument'],
    ['the start of a recording', header.subarray(0, 9), 'invalid-argument'],
  ])('refuses %s', async (_, octets, code) => {
    await expect(openRecording(await fileWith(octets))).rejects.toMatchObject({ name: 'FaultlineError', code })
  })

  it('refuses a pcap that is too large to hold, and says what to do', async () => {
    const path = join(await temporaryFolder(), 'large.pcap')
    const file = await open(path, 'w')
    await file.write(Buffer.from('d4c3b2a1', 'hex'))
    // A hole: it takes no room on the disk.
    await file.truncate(257 * 1024 * 1024)
    await file.close()
    await expect(openRecording(path)).rejects.toMatchObject({
      message: expect.stringContaining('larger than 256 MiB'),
      hint: expect.stringContaining('faultline import'),
    })
  })

  it('says which file is not there, and which is none', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'sub'))
    for (const [name, why] of [
      ['missing.faultline', 'it does not exist'],
      ['sub', 'it is no file'],
    ] as const) {
      const path = join(folder, name)
      await expect(openRecording(path)).rejects.toMatchObject({
        code: 'file-unreadable',
        message: `${path} cannot be read: ${why}`,
        hint: expect.stringMatching(/./),
      })
    }
    expect(await readFile(await fileWith(header))).toHaveLength(header.length)
  })
})
