/** Takes away what the host has put into the sandbox, before a script can see it. */
export function takeHost<Host>(): Host {
  const holder = globalThis as { faultlineHost?: Host }
  const taken = holder.faultlineHost
  if (taken === undefined) throw new Error('the sandbox was started without its host')
  delete holder.faultlineHost
  return taken
}

/** As what `make` gives, which is made when a property is first read. */
export function deferred<T extends object>(make: () => T): T {
  let made: T | undefined
  return new Proxy({} as T, {
    get(_, name) {
      made ??= make()
      return Reflect.get(made, name)
    },
  })
}
