import { Agent, get } from 'node:http'

/**
 * Asks the workbench for its page again and again, from a process that has nothing else to do: a page that draws is slow
 * to see an answer that has long come.
 */
export function measureAnswers(url: string): () => Promise<{ count: number; worst: number }> {
  const agent = new Agent({ keepAlive: true })
  let count = 0
  let worst = 0
  let on = true
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get(url, { agent }, (response) => response.resume().once('end', resolve)).once('error', reject)
    })
  const asking = (async () => {
    while (on) {
      const start = performance.now()
      await ask()
      worst = Math.max(worst, performance.now() - start)
      count += 1
    }
  })()
  return async () => {
    on = false
    await asking
    agent.destroy()
    return { count, worst }
  }
}
