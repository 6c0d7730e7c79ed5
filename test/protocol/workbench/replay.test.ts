import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import type { ReplayReport } from '../../../app/scenario/replay-report.ts'
import { describeDifference } from '../../../app/scenario/replay-report.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { aDay, differencesOf, record, replayFile } from '../../helpers/replay-stage.ts'
import { Scene } from '../../helpers/scene.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const inWords = (report: ReplayReport) => differencesOf(report).map(describeDifference)

/** A recording that was made by hand. */
async function written(scene: Scene): Promise<string> {
  const path = join(await temporaryFolder(), 'scene.faultline')
  await writeFile(path, (await scene.export('faultline')).octets)
  return path
}

function connected(scene: Scene, connection: number, clientId: string, sessionPresent = false): void {
  scene.opened(connection)
  scene.send(connection, 'to broker', {
    cmd: 'connect',
    clientId,
    protocolVersion: 4,
    clean: !sessionPresent,
    keepalive: 0,
  })
  scene.send(connection, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent })
}

describe('a replay', () => {
  it.each(['max', 1, 4] as const)(
    'to a broker like the one of then shows no difference, at speed %s',
    async (speed) => {
      const report = await replayFile(await record('faultline', aDay), { speed })
      expect(inWords(report)).toEqual([])
      expect(report).toMatchObject({ notes: [], stopped: false, target: '', speed })
      expect(
        report.connections.map(({ clientId, received, sent, unsent }) => [clientId, sent, unsent, received]),
      ).toEqual([
        ['dashboard', 6, 0, 6],
        ['gateway', 10, 0, 8],
        ['dashboard', 6, 0, 8],
        ['pump', 6, 0, 5],
        ['pump', 1, 0, 1],
      ])
    },
  )

  it('of what another program has captured shows no difference either', async () => {
    const report = await replayFile(await record('pcapng', aDay))
    expect(inWords(report)).toEqual([])
    expect(report.connections.map(({ clientId, unsent }) => [clientId, unsent])).toEqual(
      ['dashboard', 'gateway', 'dashboard', 'pump', 'pump'].map((clientId) => [clientId, 0]),
    )
  })

  it('to Mosquitto shows in what it differs, and no message is lost', async () => {
    const { port } = await startMosquitto()
    const target = `mqtt://127.0.0.1:${port}`
    const file = await record('faultline', aDay)
    const report = await replayFile(file, { target })
    // It says other limits, and takes a Session over without a DISCONNECT.
    const limits = ['Receive Maximum', 'Topic Alias Maximum', 'Server Keep Alive']
    // Answers come over one socket and the CONNECT that takes over comes over another: which of them Mosquitto reads first is its
    // own affair. Where it is the CONNECT, it sends what was answered once more.
    const isSentAgain = (what: string) => what === 'PUBLISH to plant/d "it waited"' || what.startsWith('PUBACK')
    const certain = differencesOf(report).filter(({ is, what }) => !(is !== 'missing' && isSentAgain(what)))
    expect(certain.map(({ field, is, what }) => [is, what, field])).toEqual([
      ...limits.map((field) => ['changed', 'CONNACK', field]),
      ['changed', 'end of the connection', ''],
      ...limits.map((field) => ['changed', 'CONNACK', field]),
    ])
    const again = await replayFile(file, { target })
    expect(inWords(again)).toContain(
      'changed: CONNACK: Session Present was 0, is 1 (the broker had its Session from before the replay)',
    )
    expect(inWords(again)).toContain('extra: PUBLISH to plant/c "two"')
  })

  it('goes through Links, so that rules act on it', async () => {
    const rule = { ...ruleDefaults('drop'), from: 'client', filter: 'type:publish topic:plant/b' } as const
    const report = await replayFile(await record('faultline', aDay), { rules: [rule] })
    expect(inWords(report)).toEqual(['missing: PUBLISH to plant/b "one"', 'missing: PUBACK of PUBLISH to plant/b'])
    // The PUBACK of what did not come.
    expect(report.connections.map(({ unsent }) => unsent)).toEqual([1, 0, 0, 0, 0])
  })

  it('says of a rule that it has never acted', async () => {
    const rule = { ...ruleDefaults('drop'), filter: 'type:publish topic:plant/bb' } as const
    const report = await replayFile(await record('faultline', aDay), { rules: [rule] })
    expect([inWords(report), report.notes.at(-1)]).toEqual([
      [],
      expect.stringMatching(/^a rule has never acted: drop /),
    ])
  })

  it('says which connection a rule has cut', async () => {
    const rule = {
      ...ruleDefaults('cut'),
      name: 'scissors',
      clients: 'gateway',
      filter: 'topic:plant/d',
      from: 'client',
    } as const
    const report = await replayFile(await record('faultline', aDay), { rules: [rule] })
    expect(inWords(report)).toContain(
      'changed: end of the connection: was ended by the client, is cut on the way: scissors',
    )
    // The PUBREL of what did not come, UNSUBSCRIBE and DISCONNECT; PUBLISH may have left before the RST came.
    expect(report.connections.find(({ clientId }) => clientId === 'gateway')?.unsent).toBeGreaterThanOrEqual(3)
  })

  it('has only the clients that are wanted, and knows what is missing without the others', async () => {
    const report = await replayFile(await record('faultline', aDay), { clients: 'pum*' })
    expect(report.connections.map(({ clientId }) => clientId)).toEqual(['pump', 'pump'])
    expect(inWords(report)).toEqual(['missing: PUBLISH to plant/c "two" (its publisher gateway is not replayed)'])
  })

  it('answers what comes with the Packet Identifier that it has now', async () => {
    const scene = new Scene()
    connected(scene, 1, 'reader')
    scene.send(1, 'to broker', { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 2 }] })
    scene.send(1, 'to client', { cmd: 'suback', messageId: 1, granted: [2] })
    connected(scene, 2, 'writer')
    scene.send(2, 'to broker', {
      cmd: 'publish',
      topic: 'a',
      payload: 'x',
      qos: 2,
      messageId: 5,
      dup: false,
      retain: false,
    })
    scene.send(2, 'to client', { cmd: 'pubrec', messageId: 5 })
    scene.send(2, 'to broker', { cmd: 'pubrel', messageId: 5 })
    scene.send(2, 'to client', { cmd: 'pubcomp', messageId: 5 })
    const messageId = 40_000
    scene.send(1, 'to client', {
      cmd: 'publish',
      topic: 'a',
      payload: 'x',
      qos: 2,
      messageId,
      dup: false,
      retain: false,
    })
    scene.send(1, 'to broker', { cmd: 'pubrec', messageId })
    scene.send(1, 'to client', { cmd: 'pubrel', messageId })
    scene.send(1, 'to broker', { cmd: 'pubcomp', messageId })
    scene.send(1, 'to broker', { cmd: 'pingreq' })
    scene.send(1, 'to client', { cmd: 'pingresp' })
    const { connections, ...report } = await replayFile(await written(scene))
    expect(inWords({ connections, ...report })).toEqual([])
    expect(connections.map(({ sent, unsent }) => [sent, unsent])).toEqual([
      [5, 0],
      [3, 0],
    ])
  })

  it('knows what was there before the recording began', async () => {
    const scene = new Scene()
    scene.send(9, 'to broker', { cmd: 'pingreq' })
    connected(scene, 1, 'reader', true)
    scene.send(1, 'to client', { cmd: 'publish', topic: 'old', payload: 'x', qos: 0, dup: false, retain: false })
    scene.send(1, 'to broker', { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 0 }] })
    scene.send(1, 'to client', { cmd: 'suback', messageId: 1, granted: [0] })
    scene.send(1, 'to client', { cmd: 'publish', topic: 'a', payload: 'y', qos: 0, dup: false, retain: true })
    const report = await replayFile(await written(scene))
    expect(inWords(report)).toEqual([
      'changed: CONNACK: Session Present was 1, is 0 (the broker had its Session from before the recording began)',
      'missing: PUBLISH to old "x" (its Subscription is from before the recording began)',
      'missing: PUBLISH to a "y" (it was retained before the recording began)',
    ])
    expect(report.notes).toContain('left out, having connected before the recording began: connection 9')
  })

  it('sends octets that are no Control Packet as they were', async () => {
    const file = await record('faultline', async (port) => {
      const client = await RawClient.connect(port, 'broken')
      client.send(Uint8Array.of(0x00, 1, 2, 3))
      await new Promise((resolve) => client.socket.once('close', resolve).end())
    })
    const report = await replayFile(file)
    expect(inWords(report)).toEqual([])
    expect(report.connections).toMatchObject([{ sent: 2, unsent: 0, end: { replayed: 'ended by the broker' } }])
    expect(report.notes).toContain('octets that are no Control Packet are sent as they were')
  })

  it('is refused where the target cannot be reached, or there is nothing to send', async () => {
    const file = await record('faultline', aDay)
    const target = `mqtt://127.0.0.1:${await freePort()}`
    await expect(replayFile(file, { target })).rejects.toMatchObject({ code: 'connection-closed' })
    await expect(replayFile(file, { clients: 'nobody' })).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(replayFile(`${file}.not`)).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('ends when it is stopped', async () => {
    const stop = new AbortController()
    const progress = (done: number) => {
      if (done === 10) stop.abort()
    }
    const report = await replayFile(await record('faultline', aDay), { signal: stop.signal, progress })
    expect(report.stopped).toBe(true)
    expect(report.connections.map(({ clientId }) => clientId)).toEqual(['dashboard', 'gateway'])
  })
})
