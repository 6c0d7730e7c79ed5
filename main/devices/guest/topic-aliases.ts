/** What stands in a PUBLISH: the Topic Name, or an alias for it, or both so that the alias stands for it from now on. */
export interface NamedTopic {
  readonly topic: string
  readonly alias: number | undefined
}

/**
 * The Topic Aliases of one client's publishing side [MQTT 5 §3.3.2.3.4]. They last as long as their Network Connection. MQTT.js has
 * some too, but one out of range makes it lose a message of QoS 1 or 2 without a word.
 */
export class TopicAliases {
  readonly #automatic: boolean
  #most = 0
  #highest = 0
  /** By topic; the one that was used longest ago comes first. */
  readonly #aliases = new Map<string, number>()
  readonly #topics = new Map<number, string>()

  /** @param automatic gives one to every topic */
  constructor(automatic: boolean) {
    this.#automatic = automatic
  }

  /** A new connection begins. @param most how many the broker takes */
  reset(most: number): void {
    this.#most = most
    this.#highest = 0
    this.#aliases.clear()
    this.#topics.clear()
  }

  /** The topic that an alias stands for. */
  topicOf(alias: number): string | undefined {
    return this.#topics.get(alias)
  }

  /**
   * @param asked the alias that the script wants; it must not be higher than `most`
   * @returns what to send, which counts as sent
   */
  name(topic: string, asked: number | undefined): NamedTopic {
    if (asked !== undefined) return this.#give(topic, asked)
    if (!this.#automatic || this.#most === 0) return { topic, alias: undefined }
    const known = this.#aliases.get(topic)
    return known === undefined ? this.#give(topic, this.#next()) : this.#use(topic, known)
  }

  /** What was named has not been sent. */
  forget(alias: number | undefined): void {
    const topic = alias === undefined ? undefined : this.#topics.get(alias)
    if (alias === undefined || topic === undefined) return
    this.#topics.delete(alias)
    this.#aliases.delete(topic)
  }

  get most(): number {
    return this.#most
  }

  #use(topic: string, alias: number): NamedTopic {
    this.#aliases.delete(topic)
    this.#aliases.set(topic, alias)
    return { topic: '', alias }
  }

  #give(topic: string, alias: number): NamedTopic {
    this.forget(alias)
    const before = this.#aliases.get(topic)
    if (before !== undefined) this.#topics.delete(before)
    this.#aliases.delete(topic)
    this.#aliases.set(topic, alias)
    this.#topics.set(alias, topic)
    return { topic, alias }
  }

  /** One that was never used, or that of the topic that was used longest ago. */
  #next(): number {
    while (this.#highest < this.#most) if (!this.#topics.has(++this.#highest)) return this.#highest
    return this.#aliases.values().next().value ?? 1
  }
}
