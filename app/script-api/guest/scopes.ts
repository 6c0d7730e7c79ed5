/**
 * What timers and client calls belong to: one Network Connection, or the device's whole life. A scope that has ended
 * starts no more timers, which is how a `connected` that is still awaiting when its connection dies comes to nothing.
 */
export class Scope {
  readonly timers = new Set<number>()
  ended = false
}

/**
 * Says to which scope the running code belongs. The host enters the guest for one event at a time and lets all jobs run
 * before the next, so the scope that an event sets holds for the continuations of its awaits too. That is why a client
 * call remembers the scope it was made in: what comes after its `await` runs in the event that settles it.
 */
export class Scopes {
  /** From power on to power loss. */
  readonly life = new Scope()
  #current: Scope = this.life
  #connection: Scope | undefined

  get current(): Scope {
    return this.#current
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  enter(scope: Scope): void {
    this.#current = scope
  }

  openConnection(): Scope {
    this.#connection = new Scope()
    return this.#connection
  }

  /** Gives the connection's scope, which has now ended. */
  closeConnection(): Scope | undefined {
    const scope = this.#connection
    this.#connection = undefined
    if (scope !== undefined) scope.ended = true
    return scope
  }
}
