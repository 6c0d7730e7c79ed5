import { describe, expect, it } from 'vitest'
import { deviceStates } from '../../../../../app/device/device-snapshot.ts'
import { describeClient } from '../../../../../renderer/features/bench/client-words.ts'
import type { ClientView, Device, Session } from '../../../../../renderer/state/clients.ts'

const now = 1_700_000_000_000

const session: Session = {
  clientId: 'pump-03',
  connected: false,
  connection: 3,
  since: now - 4000,
  protocolVersion: 4,
  clean: false,
  sessionPresent: true,
  keepAlive: 10,
  subscriptions: [],
  queued: 0,
  inflight: 0,
  incoming: 0,
  lost: { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0 },
}

const will = {
  topic: 'plant/status',
  payload: new Uint8Array(),
  qos: 1 as const,
  retain: true,
  delay: 0,
  state: 'published' as const,
  since: now,
}

function device(changes: Partial<Device>, own: Partial<Session> | 'no session' = {}): ClientView {
  return {
    key: 'device pump-03',
    name: 'pump-03',
    clientId: 'pump-03',
    device: {
      id: 'pump-03',
      clientId: 'pump-03',
      script: 'devices/pump.device.ts',
      state: 'online',
      reason: '',
      since: now - 4000,
      attempts: 0,
      fleet: 'pump',
      target: '',
      faults: [],
      ...changes,
    },
    session: own === 'no session' ? undefined : { ...session, ...own },
    connection: undefined,
  }
}

function outside(changes: Partial<ClientView>): ClientView {
  return {
    key: 'k',
    name: 'sub',
    clientId: 'sub',
    device: undefined,
    session: undefined,
    connection: undefined,
    ...changes,
  }
}

describe('describeClient', () => {
  it('says what an online device runs, and what kind of session it has', () => {
    expect(describeClient(device({}), now)).toEqual({
      dot: 'green',
      line: 'pump.device.ts · persistent',
      chip: undefined,
      connected: true,
    })
    expect(describeClient(device({}, { clean: true }), now).line).toBe('pump.device.ts · clean session')
  })

  it('does not show a device as well that was made to fail', () => {
    expect(describeClient(device({ faults: ['hangs', 'clock 2m ahead'] }), now)).toMatchObject({
      line: 'hangs · clock 2m ahead · pump.device.ts · persistent',
      chip: { text: 'FAULT' },
    })
  })

  it('says which broker a device is at, where that is another than ours', () => {
    const line = describeClient(device({ target: 'mqtt://10.0.0.7:1883' }, 'no session'), now).line
    expect(line).toBe('pump.device.ts · mqtt://10.0.0.7:1883')
  })

  it('says how long the power is lost, and that the will was sent', () => {
    const words = describeClient(device({ state: 'power lost' }, { will }), now)
    expect(words).toMatchObject({ dot: 'red', line: 'power lost 4 s ago · will sent', chip: { text: 'WILL' } })
  })

  it('does not say that a will was sent that was not', () => {
    const armed = { ...will, state: 'armed' as const }
    expect(describeClient(device({ state: 'power lost' }, { will: armed }), now)).toMatchObject({
      line: 'power lost 4 s ago · will armed',
      chip: undefined,
    })
    expect(describeClient(device({ state: 'power lost' }, 'no session'), now).line).toBe('power lost 4 s ago')
  })

  it('counts down to the next attempt', () => {
    const waiting = device({ state: 'backing off', attempts: 2, nextAttemptAt: now + 3200 })
    expect(describeClient(waiting, now)).toMatchObject({
      dot: 'amber',
      line: 'reconnecting in 3.2 s · attempt 3',
      chip: { text: 'BACKOFF' },
    })
    expect(describeClient(waiting, now + 5000).line).toContain('reconnecting now')
  })

  it('says what waits for a device that is offline', () => {
    expect(describeClient(device({ state: 'offline' }, { queued: 41 }), now)).toMatchObject({
      dot: 'grey',
      line: 'disconnected · session kept, 41 queued',
      chip: { text: 'QUEUED' },
    })
    expect(describeClient(device({ state: 'offline' }, 'no session'), now).line).toBe('disconnected · no session')
    const away = device({ state: 'offline', target: 'mqtt://broker.example' }, 'no session')
    expect(describeClient(away, now).line).toBe('disconnected')
  })

  it('shows the error of a script', () => {
    const error = { message: 'x is not defined', file: 'devices/pump.device.ts', line: 3, column: 1 }
    expect(describeClient(device({ state: 'script error', error }), now)).toMatchObject({
      dot: 'red',
      line: 'x is not defined',
      chip: { text: 'ERROR' },
    })
  })

  it('has words for every state', () => {
    for (const state of deviceStates) {
      const words = describeClient(device({ state, reason: 'because' }), now)
      expect(words.line).not.toBe('')
      expect(words.connected).toBe(state === 'online')
    }
  })

  it('marks outside clients, and says where they come from', () => {
    const connection = { id: 1, clientId: 'sub', remote: '127.0.0.1:51422', open: true, since: now, packets: 1 }
    expect(describeClient(outside({ connection }), now)).toMatchObject({
      dot: 'green',
      line: 'outside client · 127.0.0.1:51422',
      chip: { text: 'EXTERNAL' },
      connected: true,
    })
    expect(describeClient(outside({ connection: { ...connection, clientId: undefined } }), now).line).toContain(
      'no CONNECT yet',
    )
  })

  it('says what an outside client left behind', () => {
    expect(describeClient(outside({ session: { ...session, queued: 2 } }), now)).toMatchObject({
      dot: 'grey',
      line: 'offline · session kept, 2 queued',
      chip: { text: 'QUEUED' },
    })
    expect(describeClient(outside({ session: { ...session, will } }), now).line).toBe('gone 4 s ago · will sent')
  })
})
