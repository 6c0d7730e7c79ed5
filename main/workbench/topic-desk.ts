import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { EventValue } from '../../app/contract/contract.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import type { topicMethods } from '../../app/contract/topics.ts'
import type { TopicPage, TopicQuery } from '../../app/session/topic-snapshot.ts'
import type { Broker } from '../broker/broker.ts'

/** Answers what one screen asks of the topics, and tells it of changes while it looks at them. */
export class TopicDesk implements Disposable {
  readonly #broker: Broker
  readonly #tell: (counts: EventValue<'topics.changed'>) => void
  #telling: Disposable | undefined
  /** What is looked for. */
  #search = ''
  #disposed = false

  constructor(broker: Broker, tell: (counts: EventValue<'topics.changed'>) => void) {
    this.#broker = broker
    this.#tell = tell
  }

  handlers(): Pick<Handlers, keyof typeof topicMethods> {
    const { topics } = this.#broker
    return {
      'topics.watch': ({ on }) => {
        this.#watch(on)
        return topics.counts()
      },
      'topics.list': (query) => this.#list(query),
      'topics.show': ({ topic }) => {
        const detail = topics.show(topic)
        if (detail !== undefined) return detail
        throw new FaultlineError({
          code: 'not-found',
          message: `nothing was published to ${topic} since topics are watched, and nothing is retained`,
        })
      },
      'topics.clearRetained': ({ topic }) => {
        this.#clearRetained(topic)
        return {}
      },
    }
  }

  dispose(): void {
    this.#disposed = true
    this.#telling?.dispose()
  }

  /** A screen looks at one list: with another search, or when the screen is gone, nobody waits for this one any more. */
  async #list(query: TopicQuery): Promise<TopicPage> {
    this.#search = query.search
    const page = await this.#broker.topics.page(query, () => this.#search === query.search && !this.#disposed)
    if (page !== undefined) return page
    throw new FaultlineError({ code: 'wrong-state', message: `nobody looks for "${query.search}" any more` })
  }

  #watch(on: boolean): void {
    this.#telling?.dispose()
    this.#telling = on && !this.#disposed ? this.#broker.topics.onChanged((counts) => this.#tell(counts)) : undefined
  }

  #clearRetained(topic: string): void {
    if (this.#broker.topics.show(topic)?.retained === undefined) {
      throw new FaultlineError({ code: 'not-found', message: `nothing is retained under ${topic}` })
    }
    this.#broker.publish({ topic, payload: new Uint8Array(), qos: 0, retain: true })
  }
}
