import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { auditDeliveries, isDelivered } from '../../../helpers/delivery-audit.ts'
import { type BrokerProgram, buildBroker, KillableBroker } from '../../../helpers/killable-broker.ts'
import { retainedOf, SteadyPublisher, SteadySubscriber } from '../../../helpers/steady-client.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { until } from '../../../helpers/until.ts'

/** `CRASH_ROUNDS=200` for the whole of it; `CRASH_SEED` plays a run again, as far as processes can be. */
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 10)
const seed = process.env['CRASH_SEED'] ?? '1'

let program: BrokerProgram
beforeAll(async () => {
  program = await buildBroker()
})
afterAll(() => program.remove())

const topics = (name: string) => [
  { topic: `twice/${name}`, qos: 1 as const, retain: false },
  { topic: `once/${name}`, qos: 2 as const, retain: false },
  { topic: `last/${name}`, qos: 1 as const, retain: true },
]

/** Runs `moment` when the clients have got so many packets from now on. */
class Countdown {
  #left = Number.POSITIVE_INFINITY
  #reached: (() => void) | undefined

  readonly tick = (): void => {
    this.#left -= 1
    if (this.#left <= 0) this.#reached?.()
  }

  after(packets: number): Promise<void> {
    this.#left = packets
    return new Promise((resolve) => {
      this.#reached = () => {
        this.#reached = undefined
        resolve()
      }
    })
  }
}

describe('a broker with a LevelDB store under load', () => {
  it(
    `keeps what it acknowledged, and delivers QoS 2 once, through ${rounds} times kill -9 (seed ${seed})`,
    async () => {
      const random = createRandom(seed, 'crash')
      const broker = await KillableBroker.start(program, { type: 'level', folder: `${await temporaryFolder()}/broker` })
      onTestFinished(() => broker.kill())
      const countdown = new Countdown()
      const publishers = ([4, 5] as const).map(
        (version) =>
          new SteadyPublisher(`publisher-${version}`, version, countdown.tick, {
            topics: topics(`p${version}`),
            window: 30,
          }),
      )
      const subscribers = [
        new SteadySubscriber('reader-4', 4, countdown.tick, { filter: '#', qos: 2 }),
        new SteadySubscriber('reader-5', 5, countdown.tick, { filter: 'once/#', qos: 2 }),
        new SteadySubscriber('at-least-once', 4, countdown.tick, { filter: '+/p4', qos: 1 }),
        new SteadySubscriber('sleeper', 5, countdown.tick, { filter: 'once/+', qos: 2 }),
      ] as const
      const sleeper = subscribers[3]
      const all = [...publishers, ...subscribers]
      onTestFinished(() => {
        for (const client of all) client.leave()
      })
      // Those who subscribe are there before anything is published.
      await Promise.all(subscribers.map((subscriber) => subscriber.join(broker)))
      await until('all are subscribed', () => subscribers.every(({ isSubscribed }) => isSubscribed))
      sleeper.leave()
      await Promise.all(publishers.map((publisher) => publisher.join(broker)))

      for (let round = 1; round <= rounds; round++) {
        // Few packets are a kill while clients are coming back.
        await countdown.after(random.next() < 0.2 ? random.integer(1, 20) : random.integer(20, 1500))
        const acknowledged = publishers.flatMap(({ acknowledged }) => [...acknowledged])
        await broker.restart()
        const retained = await retainedOf(broker, 'last/#')
        for (const [topic, number] of acknowledged) {
          if (topic.startsWith('last/')) expect(retained.get(topic)).toBeGreaterThanOrEqual(number)
        }
        const back = all.filter((client) => client !== sleeper || round % 4 === 0)
        sleeper.leave()
        await Promise.all(back.map((client) => client.join(broker)))
      }

      for (const publisher of publishers) publisher.isPaused = true
      await until('every client is back', () => all.every((client) => client === sleeper || client.isServed))
      if (!sleeper.isServed) await sleeper.join(broker)
      await until('all handshakes of the publishers are done', () =>
        publishers.every(({ unfinished }) => unfinished === 0),
      )
      const patterns = [/./, /^once/, /p4$/, /^once/]
      const audited = subscribers.map((subscriber, at) => ({
        subscriber,
        topics: patterns[at] as RegExp,
        once: subscriber.id === 'at-least-once' ? undefined : /^once/,
      }))
      await until('everything is delivered', () => isDelivered(publishers, audited))

      const { lost, doubled, disordered } = auditDeliveries(publishers, audited)
      const messages = publishers.flatMap(({ sent }) => [...sent.values()]).reduce((sum, number) => sum + number, 0)
      const deliveries = subscribers
        .flatMap(({ received }) => [...received.values()])
        .reduce((sum, { length }) => sum + length, 0)
      process.stdout.write(
        `${rounds} kills, ${messages} messages acknowledged, ${deliveries} deliveries: ` +
          `${lost.length} lost, ${doubled.length} doubled, ${disordered.length} out of order\n`,
      )
      expect(all.flatMap(({ complaints }) => complaints)).toEqual([])
      expect({ lost, doubled, disordered }).toEqual({ lost: [], doubled: [], disordered: [] })
      expect(messages).toBeGreaterThan(rounds * 10)
    },
    60_000 + rounds * 10_000,
  )
})
