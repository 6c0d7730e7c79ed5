import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CapturedPacket } from '../../app/capture/captured.ts'
import { openRecording } from '../../main/recorder/open-recording.ts'
import type { Scene } from './scene.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Every type of packet that MQTT 3.1.1 has, both ways where it goes both ways. */
export function everyType(scene: Scene): void {
  const publish = { cmd: 'publish', topic: 'plant/ä/temperature', retain: false, dup: false } as const
  scene.opened(1)
  scene.send(1, 'to broker', {
    cmd: 'connect',
    clientId: 'pump-01',
    protocolVersion: 4,
    clean: false,
    keepalive: 10,
    username: 'pump',
    password: Buffer.from('secret'),
    will: { topic: 'plant/pump-01/status', payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  scene.send(1, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: true })
  scene.send(1, 'to broker', {
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [
      { topic: 'a/#', qos: 2 },
      { topic: 'b', qos: 0 },
    ],
  })
  scene.send(1, 'to client', { cmd: 'suback', messageId: 1, granted: [2, 0x80] })
  for (const direction of ['to broker', 'to client'] as const) {
    const back = direction === 'to broker' ? 'to client' : 'to broker'
    scene.send(1, direction, { ...publish, qos: 0, payload: Buffer.from([0, 255, 10]) })
    scene.send(1, direction, { ...publish, qos: 1, messageId: 2, payload: 'x'.repeat(5000), retain: true })
    scene.send(1, back, { cmd: 'puback', messageId: 2 })
    scene.send(1, direction, { ...publish, qos: 2, messageId: 65535, payload: '', dup: true })
    scene.send(1, back, { cmd: 'pubrec', messageId: 65535 })
    scene.send(1, direction, { cmd: 'pubrel', messageId: 65535 })
    scene.send(1, back, { cmd: 'pubcomp', messageId: 65535 })
  }
  scene.send(1, 'to broker', { cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['a/#', 'b'] })
  scene.send(1, 'to client', { cmd: 'unsuback', messageId: 3, granted: [] })
  scene.send(1, 'to broker', { cmd: 'pingreq' })
  scene.send(1, 'to client', { cmd: 'pingresp' })
  scene.send(1, 'to broker', { cmd: 'disconnect' })
  scene.event(1, { type: 'closed', by: 'client', cause: 'fin' })
}

export async function packetsOf(scene: Scene): Promise<CapturedPacket[]> {
  const path = join(await temporaryFolder(), 'capture.faultline')
  await writeFile(path, (await scene.export('faultline')).octets)
  const recording = await openRecording(path)
  onTestFinished(() => recording.dispose())
  const numbers = Array.from({ length: recording.next - recording.first }, (_, i) => recording.first + i)
  return numbers.map((number) => recording.record(number)).filter((record) => record?.kind === 'packet')
}
