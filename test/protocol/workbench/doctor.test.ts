import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { examine, loopback, node, port, writable } from '../../../main/workbench/doctor.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { freePort } from '../../helpers/ports.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

describe('the doctor', () => {
  let assets: DeviceAssets | undefined
  beforeAll(async () => {
    assets = await buildDeviceAssets()
  })
  afterAll(() => assets?.dispose())

  it('tries all of it, and leaves nothing behind', async () => {
    if (assets === undefined) throw new Error('the assets are not built')
    const workspace = await temporaryFolder()
    const ports = { mqtt: await freePort(), http: await freePort() }
    const findings = await examine({ clock: systemClock, workspace, ports, assets })
    expect(findings.map(({ what }) => what)).toEqual([
      'Node',
      'broker port',
      'page port',
      'loopback IPv4',
      'loopback IPv6',
      'disk',
      'workspace',
      'sandbox',
      'clock',
    ])
    expect(findings.find(({ what }) => what === 'loopback IPv4')).toMatchObject({ state: 'ok' })
    expect(findings.find(({ what }) => what === 'sandbox')).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/^a worker thread ran a script in \d+ ms$/),
    })
    expect(findings.filter(({ state }) => state === 'fail')).toEqual([])
    expect(await readdir(workspace)).toEqual([])
  })

  it('says that the sandbox does not start', async () => {
    const workspace = await temporaryFolder()
    const nowhere = new URL('nowhere.js', import.meta.url)
    const broken = { worker: nowhere, guest: nowhere }
    const findings = await examine({ clock: systemClock, workspace, ports: { mqtt: 0, http: 0 }, assets: broken })
    const failed = findings.filter(({ state }) => state === 'fail')
    expect(failed).toMatchObject([{ what: 'sandbox', advice: expect.stringContaining('npm ci') }])
  })

  it('knows which Node is too old', () => {
    expect(['20.18.9', '18.20.0', '20.19.0', '22.1.0', '24.0.0'].map((version) => node(version).state)).toEqual([
      'fail',
      'fail',
      'ok',
      'ok',
      'ok',
    ])
  })

  it('says that a port is taken, and what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = server.address()
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0
    expect(await port('broker port', taken, '--mqtt')).toEqual({
      what: 'broker port',
      state: 'warn',
      found: `${taken} is in use by a program of this machine`,
      advice: '--mqtt 0 takes any that is free',
    })
    expect(await port('broker port', await freePort(), '--mqtt')).toMatchObject({ state: 'ok', advice: '' })
  })

  it('fails where nothing can be said to oneself', async () => {
    // An address of documentation [RFC 5737]: no machine has it.
    expect(await loopback('loopback IPv4', '192.0.2.1', systemClock)).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('cannot be listened on'),
      advice: expect.stringContaining('firewall'),
    })
  })

  it('fails where the workspace is missing, is a file, or cannot be written to', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    const found = await Promise.all([join(folder, 'nowhere'), join(folder, 'file'), '/proc'].map(writable))
    expect(found).toMatchObject([
      {
        state: 'fail',
        found: expect.stringMatching(/^there is no /),
        advice: expect.stringContaining('faultline init'),
      },
      { state: 'fail', found: expect.stringMatching(/ is no folder$/) },
      { state: 'fail', found: expect.stringMatching(/^\/proc cannot be written to/) },
    ])
  })
})
