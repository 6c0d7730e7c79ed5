import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { readHeader, scanChunks } from '../../../../app/capture/recording-format.ts'
import type { SpillState } from '../../../../app/contract/captures.ts'
import { FileSink } from '../../../../main/recorder/file-sink.ts'
import { openRecording } from '../../../../main/recorder/open-recording.ts'
import { type RecordingFile, RecordingWriter } from '../../../../main/recorder/recording-writer.ts'
import { Scene } from '../../../helpers/scene.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { until } from '../../../helpers/until.ts'

const ping = Buffer.of(0xc0, 0)

function writerOf(scene: Scene, file: RecordingFile) {
  const { recorder, clock, known } = scene
  const writer = new RecordingWriter({
    recorder,
    clock,
    file,
    path: 'a.faultline',
    program: '1.2.3',
    connections: known,
  })
  const states: SpillState[] = []
  writer.onChanged((state) => states.push(state))
  return { writer, states }
}

async function writing(scene: Scene) {
  const path = join(await temporaryFolder(), 'folder', 'a.faultline')
  return { path, ...writerOf(scene, await FileSink.create(path)) }
}

async function opened(path: string) {
  const recording = await openRecording(path)
  onTestFinished(() => recording.dispose())
  return recording
}

/** Lets what waits for the disk come to its end. */
function settled(writer: RecordingWriter, octets: number) {
  return until('it is on the disk', () => writer.state().octets > octets && writer.state())
}

describe('RecordingWriter', () => {
  it('writes what comes from now on, and says who was connected before', async () => {
    const scene = new Scene()
    scene.known.push({ id: 1, clientId: 'pump', protocolVersion: 4, keepAlive: 10, remote: '127.0.0.1:40001' })
    scene.send(1, 'to broker', ping)
    const { path, writer, states } = await writing(scene)
    scene.send(1, 'to client', Buffer.of(0xd0, 0))
    scene.opened(2)
    expect(await writer.stop()).toEqual({ records: 2, octets: (await readFile(path)).length, lost: 0 })
    const recording = await opened(path)
    expect([recording.first, recording.next, recording.records, recording.problem]).toEqual([2, 4, 2, undefined])
    expect(recording.captureStart).toBe(scene.recorder.startedAt)
    expect(recording.record(2)).toMatchObject({ direction: 'to client', octets: Uint8Array.of(0xd0, 0) })
    expect(recording.record(1)).toBeUndefined()
    expect(recording.connections).toMatchObject([
      { id: 1, clientId: 'pump', protocolVersion: 4, keepAlive: 10, open: true, packets: 1 },
      { id: 2, remote: '127.0.0.1:40002', open: true, packets: 0 },
    ])
    expect(states.at(-1)).toEqual(writer.state())
  })

  it('has every record in the file well within a second', async () => {
    const scene = new Scene()
    const { path, writer } = await writing(scene)
    const empty = (await settled(writer, 0)).octets
    scene.send(1, 'to broker', ping)
    // What was recorded is told at the end of the turn.
    await Promise.resolve()
    scene.clock.advance(500)
    expect(await settled(writer, empty)).toMatchObject({ records: 1, path: 'a.faultline' })
    const recording = await opened(path)
    expect(recording.records).toBe(1)
    expect(recording.problem).toBe('it was not stopped in order: what came within the last second may be missing')
    await writer.stop()
  })

  it('does not wait where many records come, and tells how far it is', async () => {
    const scene = new Scene()
    const { writer, states } = await writing(scene)
    const { octets } = await settled(writer, 0)
    for (let i = 0; i < 10_000; i++) scene.recorder.packet(1, 'to broker', ping, false, undefined, 2)
    await settled(writer, octets)
    await until('all are written', () => writer.state().records === 10_000)
    scene.clock.advance(250)
    expect(states.at(-1)).toMatchObject({ records: 10_000, path: 'a.faultline' })
    await writer.stop()
  })

  it('counts what left the ring before it could be written', async () => {
    const scene = new Scene(64 * 1024)
    const { path, writer } = await writing(scene)
    await settled(writer, 0)
    scene.send(1, 'to broker', ping)
    await Promise.resolve()
    scene.clock.advance(500)
    await until('the first is written', () => writer.state().records === 1)
    for (let i = 0; i < 100; i++) scene.send(1, 'to broker', Buffer.alloc(3000, 0x30))
    const state = await writer.stop()
    expect(writer.lost).toBe(101 - state.records)
    expect(writer.lost).toBeGreaterThan(50)
    // It did not stop by itself.
    expect([state.lost, state.problem]).toEqual([writer.lost, undefined])
    const problem = `${writer.lost} records left the memory before they could be written`
    const recording = await opened(path)
    expect([recording.problem, recording.records, recording.next]).toEqual([problem, state.records, 102])
    expect(recording.record(2)).toBeUndefined()
  })

  it('stops when the disk is full, says so, and leaves a whole file', async () => {
    const scene = new Scene()
    const path = join(await temporaryFolder(), 'a.faultline')
    const file = await FileSink.create(path)
    let room = 5000
    const full: RecordingFile = {
      get written() {
        return file.written
      },
      async write(octets) {
        room -= octets.length
        if (room >= 0) return await file.write(octets)
        // Half of it still found its place.
        const half = await readFile(path)
        await writeFile(path, Buffer.concat([half, octets.subarray(0, octets.length / 2)]))
        throw new FaultlineError({
          code: 'file-unwritable',
          message: 'a.faultline cannot be written: the disk is full',
        })
      },
      cutToWritten: () => file.cutToWritten(),
      close: () => file.close(),
    }
    const { writer, states } = writerOf(scene, full)
    const state = await until('it has stopped', () => {
      scene.send(1, 'to broker', Buffer.alloc(500, 0x30))
      scene.clock.advance(500)
      return writer.state().path === undefined && writer.state()
    })
    expect(state.problem).toBe('a.faultline cannot be written: the disk is full')
    await until('it has said so', () => states.at(-1)?.problem !== undefined)
    expect(states.at(-1)).toEqual(state)
    expect(state.records).toBeGreaterThan(0)
    const recording = await opened(path)
    expect(recording.records).toBe(state.records)
    expect(recording.problem).toContain('it was not stopped in order')
    expect(await writer.stop()).toEqual(state)
  })

  it('can be stopped more than once', async () => {
    const scene = new Scene()
    const { writer } = await writing(scene)
    scene.send(1, 'to broker', ping)
    const [one, other] = await Promise.all([writer.stop(), writer.stop()])
    expect(one).toEqual(other)
    expect(one.records).toBe(1)
    writer.dispose()
  })

  it('divides what would be too large a block, because fates carry large packets', async () => {
    const scene = new Scene()
    const { path, writer } = await writing(scene)
    const octets = 'c0'.repeat(1024 * 1024)
    for (let i = 0; i < 5; i++) {
      scene.event(1, { type: 'packet sent', packet: 1, by: 'x', delay: 0, copies: 1, octets })
    }
    await writer.stop()
    const recording = await opened(path)
    expect([recording.records, recording.problem]).toEqual([5, undefined])
    const file = await readFile(path)
    const source = { size: file.length, read: (at: number, length: number) => file.subarray(at, at + length) }
    const chunks = [...scanChunks(source, readHeader(source))]
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(9 * 1024 * 1024)
  })
})
