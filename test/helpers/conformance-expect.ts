import { expect } from 'vitest'
import type { Trial } from './conformance.ts'
import type { ConformanceClient } from './conformance-client.ts'
import { type Came, describeCame } from './mqtt-reading.ts'

/**
 * A CONNECT that does not conform: the broker closes; without CONNACK in MQTT 3.1.1 [MQTT-3.1.4-1], in MQTT 5 it may say
 * why [MQTT5-3.1.4-1].
 */
export async function expectRefused(trial: Trial, bytes: Uint8Array): Promise<void> {
  const client = await trial.open()
  client.send(bytes)
  const came = await client.closing()
  if (trial.version === 5) {
    expect(came.length).toBeLessThanOrEqual(1)
    for (const { kind, code, sessionPresent } of came) {
      expect({ kind, sessionPresent, refused: code >= 0x80 }).toEqual({
        kind: 'CONNACK',
        sessionPresent: false,
        refused: true,
      })
    }
  } else expect(came.map(describeCame)).toEqual([])
}

/** The broker closes; in MQTT 5 it may send DISCONNECT first, of an error. Gives that. */
export async function expectClosed(client: ConformanceClient): Promise<Came | undefined> {
  const came = await client.closing()
  const last = client.version === 5 && came.at(-1)?.kind === 'DISCONNECT' ? came.pop() : undefined
  expect(came.map(describeCame)).toEqual([])
  if (last !== undefined) expect(last.code).toBeGreaterThanOrEqual(0x80)
  return last
}

/** The broker sends DISCONNECT with one of these Reason Codes, and closes. */
export async function expectDisconnect(client: ConformanceClient, ...codes: number[]): Promise<Came> {
  const came = await client.receive('DISCONNECT')
  expect(codes.map((code) => `0x${code.toString(16)}`)).toContain(`0x${came.code.toString(16)}`)
  expect((await client.closing()).map(describeCame)).toEqual([])
  return came
}
