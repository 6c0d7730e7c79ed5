import type { Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { RecordedConnections } from '../../../../app/capture/recording-connections.ts'
import type { ReplayPlan, ReplayStep } from '../../../../app/scenario/replay-plan.ts'
import { fatedPackets, ReplayPlanner } from '../../../../app/scenario/replay-planner.ts'
import { Scene } from '../../../helpers/scene.ts'

function plan(scene: Scene, clients = '*', more: { mostSteps?: number } = {}): ReplayPlan {
  const batch = new CaptureBatch(scene.recorder.read(1, 10_000))
  const records = Array.from({ length: batch.count }, (_, i) => batch.at(i) as Captured)
  const names = new RecordedConnections(0, [])
  for (const record of records) names.add(record)
  const planner = new ReplayPlanner({ names, clients, fated: fatedPackets(records), ...more })
  for (const record of records) planner.add(record)
  return planner.finish()
}

function connected(connection: number, clientId: string): Scene {
  const scene = new Scene()
  scene.opened(connection)
  scene.send(connection, 'to broker', { cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0 })
  scene.send(connection, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: false })
  return scene
}

/** What is done, without what the client begins with. */
const inWords = ({ steps }: ReplayPlan) =>
  steps
    .slice(3)
    .map((step: ReplayStep) => (step.do === 'answer' ? `answer ${step.to - 3} after ${step.after}` : step.do))

const publish = (messageId: number, qos: 0 | 1 | 2, payload = 'x', retain = false): Packet => {
  return { cmd: 'publish', topic: 'a', payload, qos, messageId, dup: false, retain }
}

describe('a plan of a replay', () => {
  it('has each packet of a client at its time, and answers where what they answer comes', () => {
    const scene = connected(1, 'pump')
    scene.send(1, 'to client', publish(7, 2))
    scene.send(1, 'to client', publish(8, 1))
    scene.send(1, 'to broker', { cmd: 'pubrec', messageId: 7 })
    scene.send(1, 'to broker', { cmd: 'pingreq' })
    scene.send(1, 'to broker', { cmd: 'puback', messageId: 8 })
    scene.send(1, 'to client', { cmd: 'pubrel', messageId: 7 })
    scene.send(1, 'to broker', { cmd: 'pubcomp', messageId: 7 })
    const made = plan(scene)
    expect(inWords(made)).toEqual([
      'receive',
      'receive',
      'answer 0 after 6',
      'send',
      'answer 1 after 9',
      'receive',
      'answer 5 after 3',
    ])
    expect(made.steps.map(({ at }) => at)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
  })

  it('binds PUBREL to PUBREC, and what answers nothing of this connection has its time', () => {
    const scene = connected(1, 'pump')
    scene.send(1, 'to broker', publish(5, 2))
    scene.send(1, 'to client', { cmd: 'pubrec', messageId: 5 })
    scene.send(1, 'to broker', { cmd: 'pubrel', messageId: 5 })
    scene.send(1, 'to broker', { cmd: 'pubrel', messageId: 6 })
    expect(inWords(plan(scene))).toEqual(['send', 'receive', 'answer 1 after 3', 'send'])
  })

  it.each([
    ['client', 'fin', { do: 'end', how: 'fin' }, { by: 'client' }],
    ['client', 'rst', { do: 'end', how: 'rst' }, { by: 'client' }],
    ['client', 'timeout', { do: 'end', how: 'rst' }, { by: 'client' }],
    ['broker', 'fin', { do: 'ended' }, { by: 'broker', code: undefined }],
    ['link', 'rst', { do: 'end', how: 'rst' }, { by: 'client' }],
  ] as const)('ends as it was ended by the %s with %s', (by, cause, step, end) => {
    const scene = connected(1, 'pump')
    scene.event(1, { type: 'closed', by, cause })
    const made = plan(scene)
    expect(made.steps.at(-1)).toMatchObject(step)
    expect(made.connections[0]?.recorded.end).toEqual(end)
  })

  it('takes what follows DISCONNECT for an end by the client, whoever closed first', () => {
    const scene = connected(1, 'pump')
    scene.send(1, 'to broker', { cmd: 'disconnect' })
    scene.event(1, { type: 'closed', by: 'broker', cause: 'fin' })
    expect(inWords(plan(scene))).toEqual(['send', 'end'])
  })

  it('has what faults let through to a client, and when', () => {
    const scene = connected(1, 'pump')
    const dropped = scene.send(1, 'to client', publish(0, 0, 'dropped'))
    const late = scene.send(1, 'to client', publish(0, 0, 'late'))
    scene.send(1, 'to client', publish(0, 0, 'plain'))
    const by = 'a rule'
    scene.event(1, { type: 'packet dropped', packet: dropped, by })
    const octets = Buffer.from([0x30, 4, 0, 1, 0x61, 0x21]).toString('hex')
    scene.event(1, { type: 'packet sent', packet: late, by, delay: 3, copies: 2, octets })
    const made = plan(scene)
    expect(made.connections[0]?.recorded.messages.map(({ what }) => what)).toEqual([
      'PUBLISH to a "plain"',
      'PUBLISH to a "!"',
      'PUBLISH to a "!"',
    ])
    expect(made.notes).toEqual([
      '2 packets were dropped, held, delayed or changed by faults then; now only the rules of this replay act',
    ])
  })

  it('leaves out what is in the recording in part only, and says so', () => {
    const scene = connected(1, 'pump')
    scene.send(1, 'to broker', publish(0, 0), { length: 2_000_000 })
    scene.send(1, 'to client', publish(0, 0), { length: 2_000_000 })
    const made = plan(scene)
    expect(inWords(made)).toEqual(['receive'])
    expect(made.notes).toEqual(['left out, being in the recording in part only: PUBLISH of 2000000 octets'])
    const [message] = made.connections[0]?.recorded.messages ?? []
    expect(message && made.excuse(message)).toBe('its PUBLISH is in the recording in part only')
  })

  it('expects what is published again, also as a Will Message, and nothing else', () => {
    const will = { topic: 'a', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
    const scene = new Scene()
    scene.opened(1)
    scene.send(1, 'to broker', { cmd: 'connect', clientId: 'p', protocolVersion: 4, clean: true, keepalive: 0, will })
    scene.send(1, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: false })
    scene.send(1, 'to broker', publish(0, 0, 'mine'))
    for (const payload of ['mine', 'gone', 'whose']) scene.send(1, 'to client', publish(0, 0, payload))
    scene.send(1, 'to client', publish(0, 0, 'kept', true))
    const made = plan(scene)
    const expected = made.steps.flatMap((step) =>
      step.do === 'receive' && step.type === 'PUBLISH' ? [step.expected] : [],
    )
    expect(expected).toEqual([true, true, false, false])
    expect(made.connections[0]?.recorded.messages.map((message) => made.excuse(message))).toEqual([
      undefined,
      undefined,
      'nobody has published it within the recording',
      'it was retained before the recording began',
    ])
  })

  it('has no connection of a client that is not wanted', () => {
    expect(plan(connected(1, 'pump'), 'valve*')).toMatchObject({ connections: [], steps: [], notes: [] })
  })

  it('has every answer to what came under one Packet Identifier, however much that is', () => {
    const scene = connected(1, 'pump')
    const many = 4000
    for (let i = 0; i < many; i++) scene.send(1, 'to client', publish(7, 1))
    for (let i = 0; i < many; i++) scene.send(1, 'to broker', { cmd: 'puback', messageId: 7 })
    const answers = plan(scene).steps.flatMap((step) => (step.do === 'answer' ? [step.to] : []))
    expect(answers).toEqual(Array.from({ length: many }, (_, i) => i + 3))
  })

  it('refuses what would not fit into memory', () => {
    const scene = connected(1, 'pump')
    const packet = scene.send(1, 'to client', publish(7, 1))
    scene.event(1, { type: 'packet sent', packet, by: 'a rule', delay: 0, copies: 7 })
    expect(plan(scene, '*', { mostSteps: 10 }).steps).toHaveLength(10)
    expect(() => plan(scene, '*', { mostSteps: 9 })).toThrow('more than 9 steps')
  })
})
