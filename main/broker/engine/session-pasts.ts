import type { Served } from './served.ts'

/** What is known of a client beyond its Session. */
export type Past = Pick<Served, 'history' | 'left' | 'reconnect'>

/** Clients whose past is remembered when they have no Session any more. */
const most = 1000

/** Connections outlive the Session that they served: what changed when a client came back is of interest above all when it found nothing. */
export class SessionPasts {
  /** The one that ended first comes first. */
  readonly #pasts = new Map<string, Past>()

  get(clientId: string): Past | undefined {
    return this.#pasts.get(clientId)
  }

  /** The Session has ended. */
  keep({ session, history, left, reconnect }: Served): void {
    if (history.length === 0) return
    this.#pasts.delete(session.clientId)
    this.#pasts.set(session.clientId, { history, left, reconnect })
    if (this.#pasts.size <= most) return
    const [oldest] = this.#pasts.keys()
    if (oldest !== undefined) this.#pasts.delete(oldest)
  }

  /** For a Session that begins. */
  take(clientId: string): Past {
    const past = this.#pasts.get(clientId)
    this.#pasts.delete(clientId)
    return past ?? { history: [], left: undefined, reconnect: undefined }
  }
}
