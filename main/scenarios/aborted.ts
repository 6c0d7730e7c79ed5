/** Rejects with the reason of a signal when it is aborted, at once where it is already; never where there is none. */
export function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const tell = () => reject(signal?.reason)
    if (signal?.aborted) tell()
    else signal?.addEventListener('abort', tell, { once: true })
  })
}
