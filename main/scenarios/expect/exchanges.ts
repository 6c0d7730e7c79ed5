import { FaultlineError } from '../../../app/base/errors.ts'
import type { Exchange, Message } from '../../../app/handshake/message.ts'
import { matchesTopic } from '../../../app/handshake/topic-tree.ts'
import { readStep, showsSteps, stepsOf } from '../../../app/scenario/exchange-steps.ts'
import { exchangesOf } from './exchange-index.ts'
import { gapsOf } from './gaps.ts'
import { clientIdOf, type Ground } from './ground.ts'
import type { Look, Packets, Question } from './question.ts'

/** Of so many handshakes it is said what they were. */
const mostShown = 5
/** Among so many of the newest the nearest ones are looked for. */
const mostCompared = 500

interface Handshake {
  readonly topic: string
  readonly exchange: Exchange
}

/** `toShow`: a handshake of a client, as its packets were on the wire. */
export class ExchangeQuestion implements Question {
  readonly expected: string
  readonly changes: Question['changes']
  readonly inTheEnd = 'failed'
  readonly #ground: Ground
  readonly #clientId: string
  readonly #steps: readonly string[]
  readonly #topic: string | undefined
  readonly #listening
  /** Not looked at yet. */
  #fresh: Message[]

  /** @throws FaultlineError `invalid-argument` for a step that cannot be read */
  constructor(
    ground: Ground,
    id: string,
    expectation: { readonly steps: readonly string[]; readonly ofTopic?: string | undefined },
  ) {
    this.#ground = ground
    this.#clientId = clientIdOf(ground, id)
    this.#steps = expectation.steps.map(stepOf)
    this.#topic = expectation.ofTopic
    const about = this.#topic === undefined ? '' : ` of a message to ${this.#topic}`
    this.expected = `a handshake of ${id}${about} that is ${this.#steps.join(' ')}`
    this.changes = [ground.evidence.onMore]
    this.#fresh = ground.exchanges.of(this.#clientId)
    this.#listening = ground.exchanges.onChanged((message) => this.#fresh.push(message))
  }

  look(): Look {
    this.#ground.exchanges.refresh()
    const fresh = this.#fresh.splice(0)
    const found = fresh
      .flatMap((message) => this.#of(message))
      .find(({ exchange }) => showsSteps(exchange, this.#steps))
    if (found !== undefined) return { is: 'held', received: () => describe(found), packets: packetsOf(found.exchange) }
    const nearest = () => this.#nearest()
    return {
      is: 'open',
      received: () => [instead(nearest()), gapsOf(this.#ground.evidence) ?? []].flat().join('; '),
      get packets() {
        return packetsOf(nearest().shown[0]?.exchange)
      },
    }
  }

  dispose(): void {
    this.#listening.dispose()
  }

  #of(message: Message): Handshake[] {
    const { topic } = message
    if (this.#topic !== undefined && !matchesTopic(this.#topic, topic)) return []
    return exchangesOf(message, this.#clientId).map((exchange) => ({ topic, exchange }))
  }

  #nearest(): { readonly shown: readonly Handshake[]; readonly count: number } {
    const all = this.#ground.exchanges.of(this.#clientId).flatMap((message) => this.#of(message))
    const near = all
      .slice(-mostCompared)
      .reverse()
      .map((handshake) => ({ handshake, distance: distanceOf(stepsOf(handshake.exchange), this.#steps) }))
      // The newest first among those that are as near.
      .sort((a, b) => a.distance - b.distance)
    return { shown: near.slice(0, mostShown).map(({ handshake }) => handshake), count: all.length }
  }
}

function stepOf(text: string): string {
  const read = readStep(text)
  if ('step' in read) return read.step
  throw new FaultlineError({ code: 'invalid-argument', message: `'${text}' ${read.problem}` })
}

function instead({ count, shown }: { readonly shown: readonly Handshake[]; readonly count: number }): string {
  if (count === 0) return 'there was no handshake'
  const more = count > shown.length ? `; and ${count - shown.length} more` : ''
  const were = count === 1 ? 'there was 1 handshake' : `there were ${count} handshakes`
  return `${were}, none is so: ${shown.map(describe).join('; ')}${more}`
}

function describe({ exchange, topic }: Handshake): string {
  const way = exchange.role === 'publisher' ? 'to the broker' : 'from the broker'
  return `${stepsOf(exchange).join(' ')} (${topic}, ${way}${exchange.state === 'complete' ? '' : `, ${exchange.state}`})`
}

function packetsOf(exchange: Exchange | undefined): Packets | undefined {
  const numbers = exchange?.steps.map(({ number }) => number) ?? []
  return numbers.length === 0 ? undefined : { first: Math.min(...numbers), last: Math.max(...numbers) }
}

/** How many steps have to be added, left out or changed to make one of the other. */
export function distanceOf(one: readonly string[], other: readonly string[]): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i)
  for (const [i, step] of one.entries()) {
    const next = [i + 1]
    for (const [j, wanted] of other.entries()) {
      const changed = (row[j] ?? 0) + (step === wanted ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
