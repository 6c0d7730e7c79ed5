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
    mark.enter(7)
    const found = look(dog, 0, 13)
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

  it('does not blame anybody for the time in which it did not look itself', () => {
    const { mark, dog } = setUp()
    mark.enter(7)
    expect(dog.look(0)).toBeUndefined()
    expect(dog.look(60_000)).toBeUndefined()
    expect(dog.look(120_000)).toBeUndefined()
  })
})
