/**
 * Under npm a Ctrl-C arrives twice, once from the terminal and once from npm: only a signal that comes later than this,
 * in milliseconds, is a second one.
 */
const echo = 400

/**
 * Turns signals and uncaught errors into a request to stop.
 * @param on.secondSignal somebody is not willing to wait any longer
 * @param on.error an error that nobody caught, each of them, also while stopping
 * @returns settles with the first request: somebody `asked`, or the program `failed`
 */
export function stopRequest(on: { secondSignal(): void; error(error: unknown): void }): Promise<'asked' | 'failed'> {
  let firstAt: number | undefined
  return new Promise((resolve) => {
    const onSignal = () => {
      const now = performance.now()
      if (firstAt === undefined) firstAt = now
      else if (now - firstAt > echo) on.secondSignal()
      resolve('asked')
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
    const onError = (error: unknown) => {
      on.error(error)
      // After an error that nobody expected the state is unknown: the honest thing is to end.
      resolve('failed')
    }
    process.on('uncaughtException', onError)
    process.on('unhandledRejection', onError)
  })
}
