import { describe, expect, it, onTestFinished } from 'vitest'
import { SysTopics } from '../../../main/broker/engine/sys-topics.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { openEngine } from '../../helpers/engine-bench.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { until } from '../../helpers/until.ts'

async function openOurs(): Promise<{ port: number }> {
  const bench = await openEngine()
  const { engine } = bench
  const topics = new SysTopics({ clock: systemClock, source: engine, version: 'faultline version 0', interval: 200 })
  onTestFinished(() => topics.dispose())
  return bench
}

/** Follows everything under $SYS, and gives the newest text of each topic. */
function follow(port: number): () => ReadonlyMap<string, string> {
  const subscriber = new Mosquitto('mosquitto_sub', port, '-t', '$SYS/#', '-F', '%t=%p')
  onTestFinished(() => subscriber.kill())
  return () =>
    new Map(
      subscriber.output
        .split('\n')
        .slice(0, -1)
        .map((line) => {
          const at = line.indexOf('=')
          return [line.slice(0, at), line.slice(at + 1)]
        }),
    )
}

async function say(port: number, ...args: string[]): Promise<void> {
  expect(await new Mosquitto('mosquitto_pub', port, ...args).exited()).toBe(0)
}

/** What a text looks like: numbers are all the same. */
function shape(text: string): string {
  return text.replace(/^-?\d+/, '0').replace(/\.\d\d$/, '.00')
}

describe('$SYS topics of the broker', () => {
  it('have the names and the form that those of Mosquitto have', async () => {
    const [ours, theirs] = await Promise.all([openOurs(), startMosquitto(['sys_interval 1'])])
    const [our, their] = [follow(ours.port), follow(theirs.port)]
    const shapes = (told: ReadonlyMap<string, string>) =>
      [...told]
        .filter(([topic]) => !topic.endsWith('/version'))
        .map(([topic, text]) => `${topic} ${shape(text)}`)
        .toSorted()
    // Mosquitto publishes one of them only when the first client has come.
    await until('Mosquitto has told all', () => their().has('$SYS/broker/clients/maximum'))
    await until('both have told the same', () => shapes(our()).join() === shapes(their()).join()).catch(() => {
      expect(shapes(our())).toEqual(shapes(their()))
    })
    expect(our().get('$SYS/broker/version')).toMatch(/^faultline version /)
  })

  it.each([
    ['of this broker', openOurs],
    ['of Mosquitto', () => startMosquitto(['sys_interval 1'])],
  ])('count the same things for the same traffic: those %s', async (_whose, open) => {
    const { port } = await open()
    const told = follow(port)
    const kept = new Mosquitto('mosquitto_sub', port, '-t', 'plant/#', '-q', '1', '-i', 'kept', '-c', '-C', '2')
    onTestFinished(() => kept.kill())
    await until('both have subscribed', () => told().get('$SYS/broker/subscriptions/count') === '2')
    await say(port, '-t', 'plant/a', '-m', '0123456789', '-q', '1', '-r')
    await say(port, '-t', 'plant/b', '-m', '01234', '-q', '2')
    await until('they have come', () => kept.output === '0123456789\n01234\n')
    await kept.exited()
    await say(port, '-t', 'plant/c', '-m', 'x', '-q', '0')
    const expected: Readonly<Record<string, string>> = {
      // Mosquitto 2.0.11 counts 1, that of QoS 0, against its own manual.
      ...(open === openOurs && { 'publish/messages/received': '3' }),
      'publish/bytes/received': '16',
      'publish/messages/dropped': '0',
      'subscriptions/count': '2',
      'shared_subscriptions/count': '0',
      'clients/connected': '1',
      'clients/disconnected': '1',
      'clients/total': '2',
      'clients/expired': '0',
    }
    const seen = () =>
      Object.fromEntries(Object.keys(expected).map((name) => [name, told().get(`$SYS/broker/${name}`)]))
    await until('all of it is counted', () => JSON.stringify(seen()) === JSON.stringify(expected)).catch(() => {
      expect(seen()).toEqual(expected)
    })
  })
})
