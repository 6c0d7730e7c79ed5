import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../../app/base/emitter.ts'
import type { DeviceSnapshot, ScriptError } from '../../../../../app/device/device-snapshot.ts'
import { DeviceLives } from '../../../../../main/scenarios/expect/device-lives.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

/** A device that is as it is told, and what is known of its past. */
function stage() {
  const changes = new Emitter<{ changed: readonly DeviceSnapshot[]; removed: readonly string[] }>()
  let now: DeviceSnapshot[] = []
  const wire = { state: () => ({ rules: [] }), onChanged: new Emitter<{ readonly rules: [] }>().event }
  const get = (id: string) => now.find((device) => device.id === id)
  const devices = { list: () => now, get, onChanged: changes.event, onConsole: new Emitter<[]>().event }
  const lives = new DeviceLives({ devices, wire }, new FakeClock())
  const become = (state: DeviceSnapshot['state'], since: number, error?: ScriptError) => {
    const about = {
      id: 'pump',
      clientId: 'pump',
      script: 'devices/pump.device.ts',
      fleet: 'pump',
      target: '',
      faults: [],
    }
    now = [{ ...about, state, since, error, reason: '', attempts: 0, nextAttemptAt: undefined }]
    changes.fire({ changed: now, removed: [] })
  }
  const failed = () => lives.failures('pump').map(({ at, message, number }) => [number, at, message])
  return { become, failed, lives }
}

function error(message: string): ScriptError {
  return { message, file: 'devices/pump.device.ts', line: 3, column: 1, stack: undefined }
}

describe("a device's failures", () => {
  it('are two where its script fails twice within a millisecond', () => {
    const { become, failed } = stage()
    become('script error', 5, error('it jams'))
    become('booting', 5)
    become('script error', 5, error('it jams'))
    expect(failed()).toEqual([
      [1, 5, 'it jams'],
      [2, 5, 'it jams'],
    ])
  })

  it('are one as long as it stands there with it, however often that is told', () => {
    const { become, failed, lives } = stage()
    const jams = error('it jams')
    become('script error', 5, jams)
    become('script error', 5, jams)
    lives.look('pump')
    expect(failed()).toEqual([[1, 5, 'it jams']])
  })
})
