import type { QoS } from '../mqtt/control-packet.ts'

/** A message that was published to a topic. */
export interface PublishedSnapshot {
  /** Its first octets, where it is long. */
  readonly payload: Uint8Array
  readonly payloadLength: number
  readonly qos: QoS
  /** The RETAIN flag with which it was published. */
  readonly retain: boolean
  /** Undefined where the broker itself has published it. */
  readonly publisher: string | undefined
  /** It was the Will Message of its publisher. */
  readonly will: boolean
  /** Wall time in milliseconds since 1970; undefined for a retained message that is older than the watching. */
  readonly time: number | undefined
}

/** A line of the tree of topics: one level of Topic Names, with all that begins with it. */
export interface TopicRow {
  /** All levels down to this one: a Topic Name, if somebody publishes to it, or the beginning of some. */
  readonly path: string
  /** The last level alone. */
  readonly level: string
  /** 0 for the first level. */
  readonly depth: number
  /** Levels right below this one. */
  readonly children: number
  readonly open: boolean
  /** Topics that begin with it, itself counted where it is one. */
  readonly topics: number
  /** Messages since the watching began, and in a second of late, with all below. */
  readonly messages: number
  readonly rate: number
  /** Something is retained under this very name. */
  readonly retained: boolean
  /** The beginning of its last payload; undefined where nothing was published to this very name. */
  readonly payload: Uint8Array | undefined
  readonly payloadLength: number
  /** Wall time of the last message to it or below. */
  readonly time: number | undefined
}

/** How much there is, and how much is not shown. */
export interface TopicCounts {
  /** Wall time at which the watching began. */
  readonly since: number
  readonly topics: number
  readonly retained: number
  /** Those of the broker itself under `$SYS/`, for which no limit is. */
  readonly ownRetained: number
  readonly messages: number
  /** Messages in a second, of late. */
  readonly rate: number
  /** Messages to topics for which there was no room any more: they were counted, and nothing else. */
  readonly over: number
}

export interface TopicDetail {
  readonly topic: string
  readonly messages: number
  /** In a second, of late. */
  readonly rate: number
  /** Messages in each of the last seconds, the newest last. */
  readonly history: readonly number[]
  readonly last: PublishedSnapshot | undefined
  /** The one before. */
  readonly previous: PublishedSnapshot | undefined
  readonly retained: PublishedSnapshot | undefined
}

/** Which part of the tree somebody looks at. */
export interface TopicQuery {
  /** Paths whose levels below are in sight. */
  readonly open: readonly string[]
  /** How many lines to skip, and how many to give. */
  readonly from: number
  readonly limit: number
  /** Only topics with this in them, in small or in capital letters; a Topic Filter where it has `+` or `#`. */
  readonly search: string
}

export interface TopicPage {
  readonly rows: readonly TopicRow[]
  /** All lines that there are. */
  readonly total: number
}

/** What is published, topic by topic. */
export interface Topics {
  /** Begins to watch, if nobody has asked before: nothing is counted until then. */
  counts(): TopicCounts
  /**
   * To look through very many takes a while, in which others are served.
   *
   * @param isWanted whether somebody still waits for it
   * @returns undefined where nobody does
   */
  page(query: TopicQuery, isWanted: () => boolean): Promise<TopicPage | undefined>
  /** Undefined where nothing was ever published under this name, since the watching began, and nothing is retained. */
  show(topic: string): TopicDetail | undefined
}
