import { scenario } from 'faultline'

// MQTT 5: who subscribes to $share/NAME/FILTER shares the messages with the others of that name: each goes to one of them.
export default scenario('workers share the jobs: each is done once', {}, async ({ client, observer, step, expect }) => {
  const left = await client('worker-left', { protocolVersion: 5 })
  const right = await client('worker-right', { protocolVersion: 5 })
  const watches = [
    await left.subscribe('$share/workers/jobs/+', { qos: 1 }),
    await right.subscribe('$share/workers/jobs/+', { qos: 1 }),
  ]
  const all = await observer.subscribe('jobs/+', { qos: 1 })

  await step('ten jobs', async () => {
    for (const n of Array(10).keys()) await observer.publish(`jobs/${n}`, 'do it', { qos: 1 })
  })
  await expect(all).toReceive({ topic: 'jobs/+' }, { exactly: 10 })
  const counts = async () => (await Promise.all(watches.map((watch) => watch.count()))).reduce((sum, n) => sum + n, 0)
  await expect.poll(counts).toBe(10)
  for (const watch of watches) await expect(await watch.count()).toBeGreaterThan(0)
})
