import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { summarize } from '../../../app/mqtt/summary.ts'
import { openRecording } from '../../../main/recorder/open-recording.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('a recording whose program is killed', () => {
  let folder: string
  beforeAll(async () => {
    // Inside of the repository, because it takes its packages from there.
    const cache = join(root, 'node_modules/.cache/faultline')
    await mkdir(cache, { recursive: true })
    folder = await mkdtemp(join(cache, 'recording-process-'))
    await build({
      entryPoints: [join(root, 'test/helpers/recording-process.ts')],
      outfile: join(folder, 'process.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      target: 'node20',
    })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has everything up to the last second', async () => {
    const path = join(await temporaryFolder(), 'crash.faultline')
    const child = spawn(process.execPath, [join(folder, 'process.mjs'), path], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = await once(child.stdout, 'data')
    const client = await RawClient.connect(Number(String(line)), 'pump')
    // Each message is sent when the one before was acknowledged: it had passed the tap by then.
    const acknowledged: number[] = []
    const began = performance.now()
    for (let messageId = 1; performance.now() - began < 2500; messageId++) {
      client.send({
        cmd: 'publish',
        topic: 'n',
        payload: String(messageId),
        qos: 1,
        messageId,
        dup: false,
        retain: false,
      })
      await client.receive('puback')
      acknowledged.push(performance.now())
    }
    const killed = performance.now()
    child.kill('SIGKILL')
    await once(child, 'exit')

    const recording = await openRecording(path)
    onTestFinished(() => recording.dispose())
    const numbers = Array.from({ length: recording.next - 1 }, (_, i) => i + 1)
    const summaries = numbers.flatMap((number) => {
      const record = recording.record(number)
      return record?.kind === 'packet' ? [summarize(record.octets, 4)] : []
    })
    const published = summaries.flatMap(({ type, packetId }) => (type === 'PUBLISH' ? [packetId] : []))
    const before = acknowledged.filter((time) => time < killed - 1000).length
    expect(before).toBeGreaterThan(10)
    expect(published).toEqual(published.map((_, i) => i + 1))
    expect(published.length).toBeGreaterThanOrEqual(before)
    expect(published.length).toBeLessThanOrEqual(acknowledged.length)
    expect(recording.problem).toMatch(/it was not stopped in order|cannot be read/)
    expect(recording.connections).toMatchObject([{ id: 1, clientId: 'pump', open: true }])
  })
})
