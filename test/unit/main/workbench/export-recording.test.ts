import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportRecording } from '../../../../main/workbench/recordings.ts'
import { Scene } from '../../../helpers/scene.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

describe('a recording that is exported', () => {
  it('makes no file where nothing in it fits the filter', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'day.faultline')
    const scene = new Scene()
    scene.opened(1)
    scene.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 4, clean: true, keepalive: 0 })
    await writeFile(path, (await scene.export('faultline')).octets)
    const written = (filter: string) =>
      exportRecording({
        path,
        filter,
        output: join(folder, 'day.pcapng'),
        format: 'pcapng',
        brokerPort: 1883,
        program: '1.0.0',
        force: false,
      })
    await expect(written('client:pumps-*')).rejects.toMatchObject({
      code: 'invalid-argument',
      message: `none of the 2 records in ${path} fits the filter client:pumps-*`,
    })
    expect(await readdir(folder)).toEqual(['day.faultline'])
    expect(await written('client:pump')).toMatchObject({ packets: 1, of: 2 })
  })
})
