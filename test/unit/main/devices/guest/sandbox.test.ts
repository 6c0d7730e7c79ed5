import { describe, expect, it } from 'vitest'
import type { FromGuest } from '../../../../../app/script-api/crossing.ts'
import type { SandboxHost } from '../../../../../main/devices/guest/host-functions.ts'
import { SandboxBroken } from '../../../../../main/devices/guest/sandbox.ts'
import { ScriptFault } from '../../../../../main/devices/guest/script-source.ts'
import { script } from '../../../../helpers/device-bench.ts'
import { setSandboxStage } from '../../../../helpers/sandbox-stage.ts'

const limits = { of: 'a device' as const, memory: 4 * 1024 * 1024, stack: 128 * 1024, run: 250 }

describe('a sandbox', () => {
  const stage = setSandboxStage()

  function create(host: Partial<SandboxHost> = {}, library: { readonly guest?: string } = {}) {
    const sent: FromGuest[] = []
    const visits: string[] = []
    const sandbox = stage.create({
      ...library,
      source: { file: 'devices/a.device.ts', text: '' },
      limits,
      enter: () => visits.push('enter'),
      leave: () => visits.push('leave'),
      host: {
        send: (message) => sent.push(message) === 0,
        fabricate: () => ({ value: 'made up' }),
        flash: () => ({}),
        ...host,
      },
    })
    return { sandbox, sent, visits }
  }

  it('tells the watchdog when the guest runs, also when it fails', () => {
    const { sandbox, visits } = create()
    sandbox.start(script('  return { powerOn() { throw new Error() } }'))
    expect(() => sandbox.enter({ type: 'power on' })).toThrow(ScriptFault)
    expect(visits.length).toBeGreaterThan(2)
    expect(visits.filter((visit) => visit === 'enter')).toHaveLength(visits.length / 2)
    expect(visits.at(-1)).toBe('leave')
    sandbox.dispose()
  })

  it('runs all that follows from an event before it returns', () => {
    const { sandbox, sent } = create()
    sandbox.start(
      script(`
        return {
          async connected({ client }) {
            await client.publish('a', 'b')
            for (let i = 0; i < 100; i++) await i
            log('done')
          },
        }`),
    )
    sandbox.enter({ type: 'connected', sessionPresent: false })
    expect(sent).toEqual([{ type: 'publish', call: 1, topic: 'a', text: 'b', qos: 0, retain: false }])
    sandbox.enter({ type: 'settled', call: 1, outcome: { type: 'done' } })
    expect(sent.at(-1)).toEqual({ type: 'log', text: 'done' })
    sandbox.dispose()
  })

  it('goes on at once after a call that the host has completed at once', () => {
    const sent: FromGuest[] = []
    const { sandbox } = create({ send: (message) => sent.push(message) > 0 && message.type === 'publish' })
    const publish = "log('gave', await client.publish('a', 'b', { qos: 0 }))"
    sandbox.start(script(`return { async connected({ client }) { ${publish} } }`))
    sandbox.enter({ type: 'connected', sessionPresent: false })
    expect(sent.at(-1)).toEqual({ type: 'log', text: 'gave undefined' })
    sandbox.dispose()
  })

  it('does not let an exception of the host through QuickJS: it is broken, whatever the script makes of it', () => {
    const { sandbox } = create({
      now() {
        throw new Error('the host has failed')
      },
    })
    const start = () => sandbox.start(script('  try { clock.now() } catch {}\n  return {}'))
    expect(start).toThrow(SandboxBroken)
    expect(start).toThrow('the host has failed')
  })

  it('is broken when the library itself does not start', () => {
    const { sandbox } = create({}, { guest: "throw new Error('a broken library')" })
    expect(() => sandbox.start(script('  return {}'))).toThrow(SandboxBroken)
  })

  it('gives back all memory, however its script has ended', () => {
    const scripts = [
      '  return {}',
      '  throw new Error()',
      '  for (;;);',
      '  const all = []\n  for (;;) all.push(Promise.reject(new Uint8Array(9000)))',
      '  const again = () => Promise.resolve().then(again)\n  again()\n  return {}',
    ]
    for (const body of scripts) {
      const { sandbox } = create()
      try {
        sandbox.start(script(body))
      } catch (error) {
        expect(error).toBeInstanceOf(ScriptFault)
      }
      // QuickJS aborts when something is left behind.
      expect(() => sandbox.dispose()).not.toThrow()
    }
  })
})
