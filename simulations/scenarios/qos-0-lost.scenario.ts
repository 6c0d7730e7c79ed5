import { scenario } from 'faultline'

// QoS 0 is "at most once": nobody answers, so nobody notices, and nobody sends again.
export default scenario('what is lost at QoS 0 stays lost', {}, async ({ client, observer, link, step, expect }) => {
  const watch = await observer.subscribe('meter/power', { qos: 1 })
  const meter = await client('meter', { cleanStart: false })
  await link(meter).drop({ packet: 'PUBLISH', from: 'client', nth: 2, times: 1 })

  await step('the second of three is lost', async () => {
    for (const watts of [100, 200, 300]) await meter.publish('meter/power', { watts })
  })
  await step('a new connection changes nothing', async () => {
    await meter.drop()
    await meter.connect()
    await meter.publish('meter/power', { watts: 400 })
  })
  await expect(watch).toReceive(
    [{ payload: { watts: 100 } }, { payload: { watts: 300 } }, { payload: { watts: 400 } }],
    { inOrder: true },
  )
  await expect(watch).toReceive({ payload: { watts: 200 } }, { never: true, within: '500ms' })
  await expect(meter.exchanges).toShow('PUBLISH✕')
})
