import { describe, expect, it } from 'vitest'
import { type ConsoleLine, ConsoleStore } from '../../../../renderer/state/console-store.ts'

function line(device: string, text: string): ConsoleLine {
  return { device, time: 0, level: 'log', text }
}

function texts(store: ConsoleStore, device: string): string[] {
  return store.of(device).value.lines.map(({ text }) => text)
}

describe('ConsoleStore', () => {
  it('adds new lines to those that the workbench kept', () => {
    const store = new ConsoleStore()
    store.replace('pump', { lines: [line('pump', 'a')], dropped: 0 })
    store.append([line('pump', 'b'), line('meter', 'x'), line('pump', 'c')])
    expect(texts(store, 'pump')).toEqual(['a', 'b', 'c'])
  })

  it('keeps nothing of a device that nobody has looked at', () => {
    const store = new ConsoleStore()
    store.append([line('meter', 'x')])
    expect(texts(store, 'meter')).toEqual([])
  })

  it('counts the lines that it lets go of', () => {
    const store = new ConsoleStore()
    store.replace('pump', { lines: [], dropped: 7 })
    store.append(Array.from({ length: 1203 }, (_, i) => line('pump', String(i))))
    expect(store.of('pump').value.lines).toHaveLength(1000)
    expect(store.of('pump').value.dropped).toBe(7 + 203)
    expect(texts(store, 'pump')[0]).toBe('203')
  })
})
