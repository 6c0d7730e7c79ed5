import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { createMemoryTransports } from '../../../../app/contract/memory-transport.ts'
import { type Handlers, Responder } from '../../../../app/contract/responder.ts'
import type { Transport } from '../../../../app/contract/transport.ts'
import { Workbench } from '../../../../renderer/state/workbench.ts'
import { createHandlers } from '../../../contract/handlers.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { until } from '../../../helpers/until.ts'
import { fleetOf, loadFleet } from '../fleet-views.ts'
import { block } from '../records.ts'

const device = {
  id: 'pump-01',
  clientId: 'pump-01',
  script: 'devices/pump.device.ts',
  state: 'online' as const,
  reason: '',
  since: 1,
  attempts: 0,
  fleet: 'pump',
  target: '',
  faults: [],
}

/** The other end: accepts each connection, as long as it is up. */
class Host {
  up = true
  handlers: Partial<Handlers> = {}
  connections = 0
  responder: Responder | undefined
  transport: Transport | undefined
  readonly acknowledged: number[] = []

  readonly connect = async (): Promise<Transport> => {
    this.connections++
    if (!this.up) throw new FaultlineError({ code: 'connection-closed', message: 'nobody answers' })
    const [screen, workbench] = createMemoryTransports(structuredClone)
    this.transport = workbench
    const acknowledge: Handlers['capture.acknowledge'] = ({ batch }) => {
      this.acknowledged.push(batch)
      return {}
    }
    this.responder = new Responder(
      workbench,
      createHandlers({ 'capture.acknowledge': acknowledge, 'devices.list': () => [device], ...this.handlers }),
    )
    return screen
  }
}

describe('Workbench, as the screen sees it', () => {
  let host: Host
  let clock: FakeClock
  let workbench: Workbench

  const phase = (wanted: string) => until(`it is ${wanted}`, () => workbench.connection.value.phase === wanted)

  beforeEach(async () => {
    host = new Host()
    clock = new FakeClock()
    workbench = new Workbench({ connect: host.connect, clock })
  })
  afterEach(() => host.transport?.close())

  it('loads what there is and then follows', async () => {
    workbench.start()
    await phase('open')
    expect(workbench.about.value?.workspace.name).toBe('plant')
    expect([...workbench.devices.value.keys()]).toEqual(['pump-01'])
    host.responder?.emit('devices.changed', { changed: [{ ...device, state: 'power lost' }], removed: [] })
    await until('the news is here', () => workbench.devices.value.get('pump-01')?.state === 'power lost')
    host.responder?.emit('devices.changed', { changed: [], removed: ['pump-01'] })
    await until('it is gone', () => workbench.devices.value.size === 0)
  })

  it('knows the fleets, and who is in which', async () => {
    host.handlers = { 'fleets.list': () => [fleetOf('pump', { wanted: 3 }), loadFleet('load')] }
    workbench.start()
    await phase('open')
    const { population, fleets } = workbench
    expect([...population.get().groups.values()].map(({ name, members }) => [name, members.length])).toEqual([
      ['pump', 1],
      ['load', 0],
    ])
    host.responder?.emit('fleets.changed', { changed: [loadFleet('load', { online: 7 })], removed: ['pump'] })
    await until('the news is here', () => !fleets.value.has('pump'))
    expect(population.get()).toMatchObject({ online: 8 })
  })

  it('takes captured records in and says so', async () => {
    workbench.start()
    await phase('open')
    host.responder?.emit('capture.batch', { batch: 1, skipped: 0, block: block(1, 3) })
    await until('they are here', () => workbench.live.capture.last === 3)
    await until('it was said', () => host.acknowledged.length === 1)
  })

  it('shows a batch that it cannot read, and goes on with the next', async () => {
    workbench.start()
    await phase('open')
    host.responder?.emit('capture.batch', { batch: 1, skipped: 0, block: new Uint8Array(2) })
    host.responder?.emit('capture.batch', { batch: 2, skipped: 0, block: block(1, 1) })
    await until('both were said', () => host.acknowledged.length === 2)
    expect(workbench.problem.value?.code).toBe('invalid-message')
    expect(workbench.live.capture.last).toBe(1)
  })

  it('shows an event that is not of the contract', async () => {
    workbench.start()
    await phase('open')
    host.transport?.send({ type: 'event', event: 'workbench.stats', value: { clients: 'many' } })
    await until('it is shown', () => workbench.problem.value !== undefined)
    expect(workbench.problem.value?.message).toContain('workbench.stats')
  })

  it('connects again after the connection was lost, and keeps what it captured', async () => {
    workbench.start()
    await phase('open')
    host.responder?.emit('capture.batch', { batch: 1, skipped: 0, block: block(1, 3) })
    await until('they are here', () => workbench.live.capture.last === 3)
    host.handlers = {
      'capture.follow': () => ({ next: 6 }),
      'capture.read': ({ from, limit }) => ({ block: block(from, from + limit - 1) }),
    }
    host.transport?.close()
    await phase('lost')
    await expect(workbench.call('devices.list', {})).rejects.toMatchObject({ code: 'connection-closed' })
    clock.advance(500)
    await phase('open')
    await until('what was missed is read', () => workbench.live.capture.missing === 0)
    expect(workbench.live.capture.record(1)).toBeDefined()
    expect(workbench.live.capture.record(5)).toBeDefined()
  })

  it('forgets the capture of a workbench that was started anew', async () => {
    workbench.start()
    await phase('open')
    host.responder?.emit('capture.batch', { batch: 1, skipped: 0, block: block(1, 3) })
    await until('they are here', () => workbench.live.capture.last === 3)
    const hello = createHandlers()['workbench.hello']
    host.handlers = {
      'workbench.hello': async (params) => ({ ...(await hello(params)), captureStart: 99 }),
    }
    host.transport?.close()
    await phase('lost')
    workbench.retryNow()
    await phase('open')
    expect(workbench.live.capture.last).toBe(0)
  })

  it('shows a recording once, however often it is opened', async () => {
    workbench.start()
    await phase('open')
    const view = await workbench.openRecording('recordings/a.faultline')
    expect(await workbench.openRecording('recordings/a.faultline')).toBe(view)
    expect(workbench.views.value).toEqual([workbench.live, view])
  })

  it('tries again, less and less often, until somebody answers', async () => {
    host.up = false
    workbench.start()
    const waits: number[] = []
    for (let attempt = 1; attempt <= 6; attempt++) {
      await until('the attempt failed', () => host.connections === attempt && clock.waiting === 1)
      const state = workbench.connection.value
      if (state.phase === 'lost') waits.push(state.retryAt - clock.now())
      clock.advance(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 4000, 4000])
    host.up = true
    await until('the seventh failed too', () => clock.waiting === 1)
    clock.advance(4000)
    await phase('open')
  })

  it('does not try again by itself where it is not wanted', async () => {
    host.handlers = {
      'workbench.hello': () => {
        throw new FaultlineError({ code: 'unsupported-version', message: 'too old' })
      },
    }
    workbench.start()
    await phase('refused')
    expect(clock.waiting).toBe(0)
    host.handlers = {}
    workbench.retryNow()
    await phase('open')
  })

  it('looks again at open scripts after it was away', async () => {
    let text = 'one'
    host.handlers = { 'scripts.read': () => ({ text, revision: text }) }
    workbench.start()
    await phase('open')
    await workbench.documents.open(device.script)
    text = 'two'
    host.transport?.close()
    await phase('lost')
    clock.advance(500)
    await until('the new text is here', () => workbench.documents.get(device.script)?.text === 'two')
  })
})
