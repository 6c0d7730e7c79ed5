import { describe, expect, it } from 'vitest'
import { createMarks, RunMark, Watchdog } from '../../../../main/devices/watchdog.ts'

function setUp() {
  const marks = createMarks()
  return { mark: new RunMark(marks), dog: new Watchdog(marks, 1000, 100) }
}

/** Looks every 100 ms; gives what each look has found. */
function look(dog: Watchdog, from: number, times: number) {
  return Array.from({ length: times }, (_, i) => dog.look(from + i * 100))
}

describe('the watchdog', () => {
  it('blames a device that does not come back for longer than it has patience', () => {
    const { mark, dog } = setUp()
    mark.visitFor('connected')
    mark.enter(7)
    const found = look(dog, 0, 13)
    expect(dog.visited).toBe('connected')
    expect(found.slice(0, 11)).toEqual(Array(11).fill(undefined))
    expect(found[12]).toBe(7)
  })

  it('has nothing against a device that comes back and is visited again and again', () => {
    const { mark, dog } = setUp()
    for (let time = 0; time < 5000; time += 100) {
      mark.enter(7)
      expect(dog.look(time)).toBeUndefined()
      expect(dog.look(time + 50)).toBeUndefined()
      mark.leave()
    }
  })

  it('has nothing against a worker that does nothing', () => {
    const { mark, dog } = setUp()
    mark.enter(7)
    mark.leave()
    expect(look(dog, 0, 30)).toEqual(Array(30).fill(undefined))
  })

  it('does not count the time in which the thread had no core, up to five times its patience', () => {
    const marks = createMarks()
    const mark = new RunMark(marks)
    let time = 0
    const dog = new Watchdog(marks, 1000, 100, (thread) => (thread === 99 ? time : undefined))
    mark.identify(99)
    mark.enter(7)
    const found: (number | undefined)[] = []
    for (let now = 0; now <= 5200; now += 100) {
      found.push(dog.look(now))
      // It gets a tenth of what it needs.
      time += 10
    }
    expect(found.slice(0, 51)).toEqual(Array(51).fill(undefined))
    expect(found[52]).toBe(7)
    mark.leave()
    mark.enter(8)
    const worked: (number | undefined)[] = []
    for (let now = 6000; now < 7500; now += 100) {
      worked.push(dog.look(now))
      time += 95
    }
    expect(worked.slice(0, 11)).toEqual(Array(11).fill(undefined))
    expect(worked.at(-1)).toBe(8)
  })

  it('does not blame anybody for the time in which it did not look itself', () => {
    const { mark, dog } = setUp()
    mark.enter(7)
    expect(dog.look(0)).toBeUndefined()
    expect(dog.look(60_000)).toBeUndefined()
    expect(dog.look(120_000)).toBeUndefined()
  })
})
