import { scenario } from 'faultline'

// CONNACK says whether the broker still knows the client [MQTT-3.2.2-2]: it does where the client has asked for it.
export default scenario(
  'Session Present: who asked to be remembered is known again',
  {},
  async ({ client, step, expect }) => {
    const kept = await client('kept', { cleanStart: false })
    const fresh = await client('fresh', { cleanStart: true })
    await expect([kept.sessionPresent, fresh.sessionPresent]).toEqual([false, false])

    await step('both lose their connections and come back', async () => {
      for (const each of [kept, fresh]) {
        await each.drop()
        await each.connect()
      }
    })
    await expect([kept.sessionPresent, fresh.sessionPresent]).toEqual([true, false])
  },
)
