import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { packBatch } from '../../../app/capture/batch.ts'
import { encodeHeader, encodeRecords } from '../../../app/capture/recording-format.ts'
import { prepareReplay } from '../../../main/workbench/replay-run.ts'
import { Targets } from '../../../main/workbench/targets.ts'
import { replayFile } from '../../helpers/replay-stage.ts'
import { Scene } from '../../helpers/scene.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { newRule } from '../../helpers/test-wire.ts'

const options = { brokerPort: 1883, clients: '*' }

function connected(scene: Scene, connection: number, clientId: string): void {
  scene.opened(connection)
  scene.send(connection, 'to broker', { cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0 })
}

describe('what is read for a replay', () => {
  it('reads no further when it is stopped before it has begun', async () => {
    const scene = new Scene()
    for (let connection = 1; connection <= 9; connection++) connected(scene, connection, `pump-${connection}`)
    const path = join(await temporaryFolder(), 'scene.faultline')
    await writeFile(path, (await scene.export('faultline')).octets)
    expect((await prepareReplay({ ...options, path })).plan.connections).toHaveLength(9)
    const stopped = await prepareReplay({ ...options, path, signal: AbortSignal.abort() })
    expect(stopped.plan.connections).toHaveLength(1)
  })

  it('is refused where the recording says what cannot have been', async () => {
    const path = join(await temporaryFolder(), 'hostile.faultline')
    const event = { type: 'packet sent', packet: 1, by: 'a rule', delay: 0, copies: 1e12 } as const
    const records = packBatch([{ kind: 'event', number: 1, time: 0, connection: 1, event }])
    const header = encodeHeader({ captureStart: 0, program: '1.2.3', connections: [] })
    await writeFile(path, Buffer.concat([header, encodeRecords(records)]))
    await expect(prepareReplay({ ...options, path })).rejects.toMatchObject({
      code: 'invalid-message',
      message: expect.stringContaining('copies of packet sent is not what it can be'),
    })
  })

  it('is let go of where it cannot be replayed', async () => {
    const closed = vi.spyOn(Targets.prototype, 'close')
    const scene = new Scene()
    connected(scene, 1, 'pump')
    const path = join(await temporaryFolder(), 'scene.faultline')
    await writeFile(path, (await scene.export('faultline')).octets)
    await expect(replayFile(path, { rules: [newRule('no such fault')] })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    expect(closed).toHaveBeenCalledOnce()
  })
})
