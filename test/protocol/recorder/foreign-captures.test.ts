import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRecording } from '../../../main/recorder/open-recording.ts'
import { everyType, packetsOf } from '../../helpers/every-type.ts'
import { Scene } from '../../helpers/scene.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

describe('an import of what others have written', () => {
  const run = promisify(execFile)

  it.each(['pcap', 'nsecpcap', 'pcapng'])('reads %s by editcap', async (format) => {
    const scene = new Scene()
    everyType(scene)
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'ours.pcapng'), (await scene.export('pcapng')).octets)
    const theirs = join(folder, `theirs.${format}`)
    await run('editcap', ['-F', format, join(folder, 'ours.pcapng'), theirs])
    const recording = await openRecording(theirs)
    onTestFinished(() => recording.dispose())
    const sent = await packetsOf(scene)
    const numbers = Array.from({ length: recording.next - recording.first }, (_, i) => recording.first + i)
    const got = numbers.map((number) => recording.record(number))
    const start = recording.captureStart
    expect(recording.problem).toBeUndefined()
    expect(got.map((record) => record?.kind === 'event' && record.event)).toEqual([
      { type: 'opened', transport: 'tcp', remote: '127.0.0.1:40001' },
      ...sent.map(() => false),
      { type: 'closed', by: 'client', cause: 'fin' },
    ])
    const received = got.filter((record) => record?.kind === 'packet')
    expect(received.map(({ octets, direction }) => [direction, Buffer.from(octets).toString('hex')])).toEqual(
      sent.map(({ octets, direction }) => [direction, Buffer.from(octets).toString('hex')]),
    )
    expect(received.map(({ time }) => start + time / 1e6)).toEqual(
      sent.map(({ time }) => scene.recorder.startedAt + time / 1e6),
    )
    expect(recording.connections).toEqual([
      expect.objectContaining({ clientId: 'pump-01', open: false, packets: sent.length }),
    ])
  })
})
