import { describe, expect, it } from 'vitest'
import { describeScript, type ScriptRunners } from '../../../../../renderer/features/bench/script-status.ts'
import type { StateCount } from '../../../../../renderer/state/fleets.ts'
import type { ScriptDocument } from '../../../../../renderer/state/script-documents.ts'

const saved: ScriptDocument = {
  path: 'devices/pump.device.ts',
  state: 'ready',
  text: 'a',
  savedText: 'a',
  revision: '1',
  saving: false,
  conflict: false,
  error: undefined,
  restarted: undefined,
}
const nobody: ScriptRunners = { devices: [], clients: [], failures: 0, typeErrors: 0 }
const on = (...devices: StateCount[]): ScriptRunners => ({ ...nobody, devices })
const words = (runners: ScriptRunners, document = saved) => {
  const { tone, text } = describeScript(document, runners)
  return `${tone}: ${text}`
}

describe('the head of the script pane', () => {
  it.each([
    ['green: running on 3 devices · saved', on({ state: 'online', count: 3 })],
    ['amber: on 3 devices: 3 backing off', on({ state: 'backing off', count: 3 })],
    [
      'amber: on 3 devices: 2 online · 1 backing off',
      on({ state: 'online', count: 2 }, { state: 'backing off', count: 1 }),
    ],
    [
      'red: on 3 devices: 2 online · 1 power lost',
      on({ state: 'online', count: 2 }, { state: 'power lost', count: 1 }),
    ],
    ['green: on 2 devices: 1 online · 1 offline', on({ state: 'online', count: 1 }, { state: 'offline', count: 1 })],
    ['grey: on 1 device: off', on({ state: 'off', count: 1 })],
    ['grey: no device runs it · saved', nobody],
    ['green: running on 200 load clients · saved', { ...nobody, clients: [{ state: 'online', count: 200 }] }],
    [
      'amber: on 200 load clients: 150 online · 50 connecting',
      {
        ...nobody,
        clients: [
          { state: 'online', count: 150 },
          { state: 'connecting', count: 50 },
        ],
      },
    ],
  ] satisfies [string, ScriptRunners][])('says %s', (said, runners) => expect(words(runners)).toBe(said))

  it('is not green while there are type errors', () => {
    const runners = { ...on({ state: 'online', count: 3 }), typeErrors: 2 }
    expect(words(runners)).toBe('amber: running on 3 devices · saved')
  })

  it('counts those that failed, and says of a fleet that could not begin that its script has an error', () => {
    const devices = on({ state: 'online', count: 2 }, { state: 'script error', count: 1 })
    expect(words({ ...devices, failures: 1 })).toBe('red: failed on 1 of 3 devices · saved')
    expect(words({ ...on({ state: 'script error', count: 2 }), failures: 2 })).toBe('red: failed on 2 devices · saved')
    expect(words({ ...nobody, failures: 1 })).toBe('red: script error · saved')
  })

  it('says first what became of the text', () => {
    const runners = { ...on({ state: 'online', count: 3 }), failures: 1 }
    expect(words(runners, { ...saved, text: 'b' })).toBe('amber: changed · not saved')
    expect(words(runners, { ...saved, text: 'b', saving: true })).toBe('amber: saving …')
    expect(words(runners, { ...saved, state: 'loading' })).toBe('grey: reading …')
    expect(words(runners, { ...saved, state: 'unreadable' })).toBe('red: cannot be read')
  })

  it('does not expect a device to run a module', () => {
    expect(words(nobody, { ...saved, path: 'devices/lib/curves.ts' })).toBe('grey: saved')
  })
})
