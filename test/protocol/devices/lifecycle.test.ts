import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../app/base/errors.ts'
import { type ActionSettings, canAct, type DeviceAction, deviceActions } from '../../../app/device/device-snapshot.ts'
import { BareBroker } from '../../helpers/bare-broker.ts'
import { canFollow } from '../../helpers/can-follow.ts'
import { type DeviceBench, script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const elsewhere: { port: number; asked: string[] } = { port: 0, asked: [] }
const stage = setDeviceStage({
  workers: 2,
  connectWith: async (target, certificate) => {
    if (certificate === 'none') throw new FaultlineError({ code: 'not-found', message: 'there is no certificate none' })
    elsewhere.asked.push(`${target.url} ${certificate}`)
    return { ...target, port: elsewhere.port === 0 ? target.port : elsewhere.port }
  },
})

const body = script(`
  every('15ms', () => {})
  return {
    client: { cleanStart: false, reconnect: { after: '10ms', factor: 1, jitter: 0 } },
    connected({ client }) { client.publish(\`\${id}/hello\`, 'hello', { qos: 1 }) },
    disconnected({ reason }) { log('disconnected', reason) },
  }`)

interface Step {
  readonly action: DeviceAction
  readonly settings: ActionSettings
  /** Lets this settle before the next one. */
  readonly wait: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom(...deviceActions),
  settings: fc.record({
    offMs: fc.constantFrom(0, 5, 30),
    skewMs: fc.integer({ min: -1e6, max: 1e6 }),
    certificate: fc.constantFrom('other', 'none'),
  }),
  wait: fc.boolean(),
})

let made = 0

function start(bench: DeviceBench, port: number, count: number): string[] {
  const ids = Array.from({ length: count }, () => `l${++made}`)
  const target = { host: '127.0.0.1', port, url: 'mqtts://broker.example' }
  bench.devices.set(ids.map((id) => ({ id, fleet: 'l', target, script: 'devices/l.device.ts', source: body })))
  return ids
}

const needsProgram = ['disconnect', 'connect', 'hang', 'wrongPassword', 'useCertificate']

/** Does it, and tells when it was refused without reason. */
async function perform(bench: DeviceBench, id: string, { action, settings }: Step): Promise<void> {
  const { state, faults } = bench.snapshot(id)
  const possible = canAct(state, action) && !(faults.includes('hangs') && needsProgram.includes(action))
  try {
    await bench.devices.act(id, action, settings)
    expect([action, state, faults, possible]).toEqual([action, state, faults, true])
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    // A certificate is read first, and whoever is quick has done something else meanwhile.
    if (action === 'useCertificate' && ['not-found', 'wrong-state'].includes(error.code)) return
    expect([error.code, action, state, possible]).toEqual(['wrong-state', action, state, false])
  }
}

/** Whatever was done to it: healed and started, it must come back. */
async function bringBack(bench: DeviceBench, id: string): Promise<void> {
  await until(`${id} is online and well`, async () => {
    const { state, faults } = bench.snapshot(id)
    if (state === 'online' && faults.length === 0) return true
    for (const action of ['heal', 'powerOn', 'connect'] as const) {
      const { state: now, faults: wrong } = bench.snapshot(id)
      const does = action === 'heal' ? wrong.length > 0 : now !== 'backing off'
      if (does && canAct(now, action)) await bench.devices.act(id, action)
    }
    return false
  })
}

function expectLegalPath(bench: DeviceBench, id: string): void {
  const { entries } = bench.devices.history(id)
  for (const [index, { state, time }] of entries.entries()) {
    const before = entries[index - 1]
    if (before === undefined) continue
    if (!canFollow(before.state, state)) {
      const path = entries.map((entry) => `${entry.state} (${entry.reason})`).join(' → ')
      throw new Error(`${state} cannot follow ${before.state}: ${path}`)
    }
    // The worker's clock and the main thread's are the machine's, read apart.
    expect(time).toBeGreaterThan(before.time - 1000)
  }
}

describe('any sequence of actions', () => {
  it('leads along the state machine, and leaves a device that can be brought back', async () => {
    const { bench, broker } = stage
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 12 }), { minLength: 2, maxLength: 3 }), async (plans) => {
        const ids = start(bench, broker.port, plans.length)
        await Promise.all(
          plans.map(async (plan, index) => {
            const id = ids[index] as string
            const open: Promise<void>[] = []
            for (const one of plan) {
              const done = perform(bench, id, one)
              open.push(done)
              if (one.wait) await done
            }
            await Promise.all(open)
            await bringBack(bench, id)
            expectLegalPath(bench, id)
          }),
        )
      }),
      { numRuns: 12, interruptAfterTimeLimit: 25_000 },
    )
  })
})

describe('useCertificate', () => {
  it('connects anew by the road that was made for the certificate, and by its own when healed', async () => {
    const { bench, broker } = stage

    const other = await BareBroker.open()
    elsewhere.port = other.port
    const [id = ''] = start(bench, broker.port, 1)
    await bench.reaches(id, 'online')
    await bench.devices.act(id, 'useCertificate', { certificate: 'expired' })
    await until('it is there', () => other.connects.includes(id))
    await bench.says(id, "disconnected connects anew with the certificate 'expired'")
    expect(elsewhere.asked).toContain('mqtts://broker.example expired')
    expect(bench.snapshot(id)).toMatchObject({ faults: ["certificate 'expired'"], target: 'mqtts://broker.example' })
    await bench.devices.act(id, 'reboot')
    await until('it is there again', () => other.connects.length === 2)
    await bench.devices.act(id, 'heal')
    await until('it is back', () => broker.connects.filter((one) => one === id).length === 2)
    expect(bench.snapshot(id).faults).toEqual([])
    elsewhere.port = 0
    await other.close()
  })

  it('is refused without TLS, without a name, and where there is no such certificate', async () => {
    const { bench, broker } = stage
    const [id = ''] = start(bench, broker.port, 1)
    await bench.reaches(id, 'online')
    await expect(bench.devices.act(id, 'useCertificate')).rejects.toMatchObject({ code: 'invalid-argument' })
    const unknown = bench.devices.act(id, 'useCertificate', { certificate: 'none' })
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' })
    expect(bench.snapshot(id)).toMatchObject({ state: 'online', faults: [] })
    bench.run({ plain: body })
    await bench.reaches('plain', 'online')
    await expect(bench.devices.act('plain', 'useCertificate', { certificate: 'x' })).rejects.toMatchObject({
      code: 'wrong-state',
      message: "plain cannot use a certificate: it connects to the workbench's own broker without TLS",
    })
  })
})

describe('a device whose target is another one now', () => {
  it('is restarted towards it', async () => {
    const { bench, broker } = stage

    const other = await BareBroker.open()
    const [id = ''] = start(bench, broker.port, 1)
    await bench.reaches(id, 'online')
    const target = { host: '127.0.0.1', port: other.port, url: 'mqtt://other.example' }
    bench.devices.set([{ id, fleet: 'm', target, script: 'devices/l.device.ts', source: body }])
    await until('it is there', () => other.connects.includes(id))
    await bench.reaches(id, 'online')
    expect(bench.snapshot(id)).toMatchObject({ target: 'mqtt://other.example', fleet: 'm' })
    bench.devices.set([])
    await until('it has gone', () => other.disconnects.includes(id))
    await other.close()
  })
})
