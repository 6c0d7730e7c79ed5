const mostNames = 10

/** What of a recording cannot be replayed, or not as it was. */
export class ReplayNotes {
  readonly #before: string[] = []
  readonly #cuts: string[] = []
  readonly #parts: string[] = []
  readonly #transports = new Map<string, number>()
  #faulty = 0
  #malformed = 0
  #system = 0

  /** A client was connected before the recording began. */
  beganBefore(client: string): void {
    this.#before.push(client)
  }

  /** A packet was kept in part only. @param length on the wire, in octets */
  inPart(type: string, length: number): void {
    this.#parts.push(`${type} of ${length} octets`)
  }

  /** A fault or a breakpoint had to do with a packet. */
  faulty(): void {
    this.#faulty += 1
  }

  malformed(): void {
    this.#malformed += 1
  }

  /** A message on $SYS/ has come. */
  systemMessage(): void {
    this.#system += 1
  }

  transport(name: string): void {
    this.#transports.set(name, (this.#transports.get(name) ?? 0) + 1)
  }

  /** A fault has cut a connection. */
  cut(client: string, reason: string | undefined): void {
    this.#cuts.push(reason === undefined ? client : `${client} (by ${reason})`)
  }

  list(): string[] {
    const notes: string[] = []
    const say = (count: number, one: string, many: string) => {
      if (count > 0) notes.push(count === 1 ? one : `${count} ${many}`)
    }
    if (this.#before.length > 0) {
      notes.push(`left out, having connected before the recording began: ${shorten(this.#before)}`)
    }
    if (this.#parts.length > 0) notes.push(`left out, being in the recording in part only: ${shorten(this.#parts)}`)
    for (const [name, count] of this.#transports) {
      notes.push(`${count} ${count === 1 ? 'connection' : 'connections'} over ${name} then, and over TCP now`)
    }
    if (this.#cuts.length > 0) {
      notes.push(`cut by a fault then, and by the client itself now: ${shorten(this.#cuts)}`)
    }
    say(
      this.#faulty,
      'a fault or breakpoint had to do with one packet then; now only the rules of this replay act',
      'packets were dropped, held, delayed or changed by faults then; now only the rules of this replay act',
    )
    say(
      this.#malformed,
      'octets that are no Control Packet are sent as they were',
      'pieces of octets that are no Control Packet are sent as they were',
    )
    say(this.#system, 'one message on $SYS/ is not compared', 'messages on $SYS/ are not compared')
    return notes
  }
}

function shorten(names: readonly string[]): string {
  const different = [...new Set(names)]
  const more = different.length - mostNames
  return `${different.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
