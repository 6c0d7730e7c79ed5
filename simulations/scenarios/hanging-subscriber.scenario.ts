import { scenario } from 'faultline'

// A program that stands still keeps its connection and reads nothing. The broker must go on serving the others, and keep for
// the one that hangs what it is owed.
export default scenario(
  'a display that hangs does not hold up the others',
  {
    devices: { probe: { script: 'probe', count: 3 }, display: { script: 'display' } },
  },
  async ({ devices, observer, step, expect }) => {
    const [display] = devices.display
    await expect(display).toHandle({ topic: 'probe/+/count' })

    await step('the display hangs', () => display.hang())
    const watch = await observer.subscribe('probe/+/count', { qos: 1 })
    await expect(watch).toReceive({ topic: 'probe/+/count' }, { atLeast: 15 })
    const published = await watch.count()

    await step('it goes on, and has missed nothing', () => display.heal())
    await expect(display).toHandle({ topic: 'probe/+/count' }, { atLeast: published })
  },
)
