import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageSnapshot } from '../../../../../app/contract/messages.ts'
import { labelLines } from '../../../../../renderer/features/handshakes/label-lines.ts'
import {
  type Ladder,
  type LadderOptions,
  layoutLadder,
} from '../../../../../renderer/features/handshakes/ladder-layout.ts'
import {
  labelCharacter,
  type PacketRow,
  type Row,
  sizes,
} from '../../../../../renderer/features/handshakes/ladder-rows.ts'
import { subscribersOf } from '../../../../../renderer/features/handshakes/subscribers.ts'
import { alarm, anyMessage, connection, exchange, message, packet, type Step } from './messages.ts'

function layout(of: MessageSnapshot, options: Partial<LadderOptions> = {}): Ladder {
  return layoutLadder(of, { width: 732, subscribers: subscribersOf(of), mostSteps: 500, next: undefined, ...options })
}

function kinds(ladder: Ladder): string[] {
  return ladder.rows.map(({ kind }) => kind)
}

function packetRow(ladder: Ladder, number: number): PacketRow {
  const row = ladder.rows.find((candidate) => candidate.kind === 'packet' && candidate.step.number === number)
  if (row?.kind !== 'packet') throw new Error(`no row for packet ${number}`)
  return row
}

function numbersIn(rows: readonly Row[]): number[] {
  return rows.flatMap((row) => {
    if (row.kind === 'packet') return [row.step.number]
    return row.kind === 'band' ? row.steps.map(({ number }) => number) : []
  })
}

function stepsOf({ publisher, exchanges }: MessageSnapshot): Step[] {
  return [...(publisher?.steps ?? []), ...exchanges.flatMap(({ steps }) => steps)]
}

const widths = fc.integer({ min: 320, max: 1400 })

describe('the ladder of a message', () => {
  it('shows every step once', () => {
    fc.assert(
      fc.property(anyMessage, widths, (any, width) => {
        const shown = numbersIn(layout(any, { width }).rows)
        expect(shown.toSorted((a, b) => a - b)).toEqual(
          stepsOf(any)
            .map(({ number }) => number)
            .toSorted((a, b) => a - b),
        )
      }),
    )
  })

  it('is in the order of time from top to bottom', () => {
    fc.assert(
      fc.property(anyMessage, (any) => {
        const times = layout(any).rows.flatMap((row) => {
          if (row.kind === 'packet') return [row.step.time]
          if (row.kind === 'arrival') return [row.step.time + row.step.delay]
          return row.kind === 'band' ? row.steps.map(({ time }) => time) : []
        })
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      }),
    )
  })

  it('never lets one row run into the next', () => {
    fc.assert(
      fc.property(anyMessage, widths, (any, width) => {
        const { rows, height } = layout(any, { width })
        let end = 0
        for (const row of rows) {
          expect(row.y).toBeGreaterThanOrEqual(end)
          end = row.y + row.height
        }
        expect(height).toBeGreaterThanOrEqual(end)
      }),
    )
  })

  it('keeps the words of a row within it', () => {
    fc.assert(
      fc.property(anyMessage, widths, (any, width) => {
        for (const row of layout(any, { width }).rows) {
          if (row.kind !== 'packet' || row.note === undefined) continue
          const last = row.note.y + (row.note.lines.length - 1) * 15
          expect(last).toBeLessThan(row.y + row.height)
          expect(row.note.y).toBeGreaterThan(row.y)
        }
      }),
    )
  })

  it('ends every arrow at a lifeline, or half way where the packet does not arrive', () => {
    fc.assert(
      fc.property(anyMessage, (any) => {
        const { rows, lanes } = layout(any)
        const lifelines = lanes.map(({ x }) => x)
        for (const row of rows) {
          if (row.kind !== 'packet') continue
          const { x1, x2, y1, y2 } = row.arrow
          expect(lifelines).toContain(x1)
          expect(y2).toBeGreaterThan(y1)
          const stopped = row.step.fate === 'dropped' || row.step.fate === 'held'
          expect(lifelines.includes(x2)).toBe(!stopped)
        }
      }),
    )
  })

  it('stays within its width', () => {
    fc.assert(
      fc.property(anyMessage, fc.integer({ min: 560, max: 1400 }), (any, width) => {
        const { lanes, headWidth, rows } = layout(any, { width })
        for (const { x } of lanes) {
          expect(x - headWidth / 2).toBeGreaterThanOrEqual(0)
          expect(x + headWidth / 2).toBeLessThanOrEqual(width)
        }
        lanes.slice(1).forEach(({ x }, i) => {
          expect(x - (lanes[i]?.x ?? 0)).toBeGreaterThan(headWidth)
        })
        for (const row of rows) if (row.kind === 'packet') expect(row.label.x).toBeLessThan(width)
      }),
    )
  })

  it('draws bars between the first row and the end, on lifelines that are there', () => {
    fc.assert(
      fc.property(anyMessage, (any) => {
        const { bars, lanes, height } = layout(any)
        for (const { lane, y1, y2 } of bars) {
          expect(lanes[lane]).toBeDefined()
          expect(y1).toBeGreaterThan(0)
          expect(y2).toBeGreaterThan(y1)
          expect(y2).toBeLessThanOrEqual(height)
        }
      }),
    )
  })

  it('shows the newest steps where there are too many, and says how many it leaves out', () => {
    fc.assert(
      fc.property(anyMessage, fc.integer({ min: 1, max: 40 }), (any, mostSteps) => {
        const ladder = layout(any, { mostSteps })
        const all = stepsOf(any).toSorted((a, b) => a.time - b.time || a.number - b.number)
        expect(ladder.leftOut).toBe(Math.max(0, all.length - mostSteps))
        expect(numbersIn(ladder.rows).toSorted((a, b) => a - b)).toEqual(
          all
            .slice(-mostSteps)
            .map(({ number }) => number)
            .toSorted((a, b) => a - b),
        )
      }),
    )
  })
})

describe('the words over an arrow', () => {
  it('stay between its lifelines, in as many lines as that takes', () => {
    fc.assert(
      fc.property(anyMessage, widths, (any, width) => {
        for (const row of layout(any, { width }).rows) {
          if (row.kind !== 'packet' || row.arrow.look === 'dropped' || row.arrow.look === 'held') continue
          const room = Math.abs(row.arrow.x2 - row.arrow.x1)
          for (const line of row.label.lines) {
            const text = line.map((words) => words.text).join(' ')
            // What has no space to break at is as wide as it is.
            if (!/^(id |QoS )?\S+$/.test(text)) expect(text.length * labelCharacter, text).toBeLessThan(room)
          }
        }
      }),
    )
  })

  it('stand over it', () => {
    fc.assert(
      fc.property(anyMessage, widths, (any, width) => {
        for (const row of layout(any, { width }).rows) {
          if (row.kind !== 'packet') continue
          expect(row.label.y - 9).toBeGreaterThan(row.y)
          expect(row.label.y + (row.label.lines.length - 1) * sizes.lineHeight).toBeLessThan(row.arrow.y1)
        }
      }),
    )
  })

  it('are broken where a reader would', () => {
    const narrow = layout(alarm(), { width: 410, next: 11 })
    const lines = (number: number) =>
      packetRow(narrow, number).label.lines.map((line) => line.map(({ text }) => text).join(' '))
    expect(lines(1)).toEqual(['PUBLISH id 19', 'QoS 2'])
    expect(lines(2)).toEqual(['PUBREC 19'])
    expect(lines(11)).toEqual(['PUBREL 77', 'held · next'])
    const publish = labelLines([{ text: 'PUBLISH id 65535 QoS 2', tone: 'text' }], 12 * labelCharacter)
    expect(publish.map((line) => line[0]?.text)).toEqual(['PUBLISH', 'id 65535', 'QoS 2'])
    expect(packetRow(layout(alarm(), { next: 11 }), 11).label.lines).toEqual([
      [
        { text: 'PUBREL 77 held', tone: 'blue' },
        { text: '· next', tone: 'amber' },
      ],
    ])
  })
})

describe('the ladder of the lesson', () => {
  const ladder = layout(alarm())

  it('has a lifeline for publisher, broker and subscriber', () => {
    expect(ladder.lanes.map(({ name, role }) => `${name}: ${role}`)).toEqual([
      'gateway-berlin: publisher',
      'broker: broker',
      'dashboard: subscriber',
    ])
  })

  it('puts what happened to the connection into one band', () => {
    expect(kinds(ladder)).toEqual([...Array(2).fill('packet'), 'band', ...Array(7).fill('packet'), 'expected'])
    const band = ladder.rows[2]
    expect(band).toMatchObject({
      sentence:
        'gateway-berlin: link cut by cut after PUBREC · gateway-berlin reconnects after 5.0 s · session present',
    })
  })

  it('stops the dropped and the held packet half way', () => {
    const dropped = packetRow(ladder, 2)
    const held = packetRow(ladder, 11)
    const [publisher, broker, dashboard] = ladder.lanes.map(({ x }) => x)
    expect(dropped.arrow).toMatchObject({ look: 'dropped', x1: broker, x2: ((publisher ?? 0) + (broker ?? 0)) / 2 })
    expect(held.arrow).toMatchObject({ look: 'held', x1: broker, x2: ((dashboard ?? 0) + (broker ?? 0)) / 2 })
    expect(dropped.note?.lines.map(({ text }) => text)).toEqual(['dropped by “drop first PUBREC”'])
  })

  it('says what is expected once the held packet arrives', () => {
    const last = ladder.rows.at(-1)
    expect(last).toMatchObject({
      kind: 'expected',
      label: { lines: [[{ text: 'PUBCOMP 77 expected', tone: 'faint' }]] },
    })
  })

  it('shows how long each end holds the Packet Identifier', () => {
    const bottom = ladder.height - 12
    const at = (number: number) => packetRow(ladder, number).arrow
    expect(ladder.bars).toEqual([
      { lane: 0, y1: at(1).y1, y2: at(8).y2 },
      { lane: 1, y1: at(1).y2, y2: at(7).y2 },
      { lane: 1, y1: at(9).y1, y2: bottom },
      { lane: 2, y1: at(9).y2, y2: bottom },
    ])
  })
})

describe('a packet that is late', () => {
  const late = packet(2, 1, 'PUBACK', { packetId: 5, fate: 'delayed', by: 'slow', delay: 500e6 })
  const again = packet(3, 200, 'PUBLISH', { packetId: 5, qos: 1, dup: true })
  const first = packet(1, 0, 'PUBLISH', { packetId: 5, qos: 1 })

  it('arrives beneath what happened meanwhile', () => {
    const ladder = layout(message({ publisher: exchange({ qos: 1, steps: [first, late, again] }) }))
    expect(kinds(ladder)).toEqual(['packet', 'packet', 'packet', 'arrival'])
    expect(packetRow(ladder, 2).arrow.y2).toBeGreaterThan(packetRow(ladder, 3).arrow.y2)
    expect(ladder.bars).toEqual([{ lane: 0, y1: packetRow(ladder, 1).arrow.y1, y2: packetRow(ladder, 2).arrow.y2 }])
  })

  it('never arrives where it was dropped after it was held', () => {
    const dropped = { ...late, fate: 'dropped' as const }
    const ladder = layout(message({ publisher: exchange({ qos: 1, steps: [first, dropped] }) }))
    const { y1, y2 } = packetRow(ladder, 2).arrow
    expect(kinds(ladder)).toEqual(['packet', 'packet'])
    expect(y2 - y1).toBe(11)
  })

  it('needs no row of its own to arrive where nothing happened meanwhile', () => {
    const ladder = layout(message({ publisher: exchange({ qos: 1, steps: [first, late] }) }))
    expect(kinds(ladder)).toEqual(['packet', 'packet'])
    expect(
      packetRow(ladder, 2)
        .note?.lines.map(({ text }) => text)
        .join(' '),
    ).toBe('delayed 500 ms by “slow”')
  })
})

describe('silence', () => {
  it('is shortened, and told of, from a second on', () => {
    const times = [0, 999, 1999, 61_999]
    const steps = times.map((at, i) => packet(i + 1, at, 'PUBLISH', { qos: 1 }))
    const ladder = layout(message({ publisher: exchange({ qos: 1, steps }) }))
    expect(kinds(ladder)).toEqual(['packet', 'packet', 'gap', 'packet', 'gap', 'packet'])
    expect(ladder.rows.flatMap((row) => (row.kind === 'gap' ? [row.length] : []))).toEqual([1e9, 60e9])
    expect(ladder.rows[2]?.height).toBe(ladder.rows[4]?.height)
  })

  it('counts from when a late packet has arrived', () => {
    const late = packet(1, 0, 'PUBLISH', { qos: 1, fate: 'delayed', delay: 5e9 })
    const ladder = layout(message({ publisher: exchange({ qos: 1, steps: [late, packet(2, 5200, 'PUBACK')] }) }))
    expect(kinds(ladder)).toEqual(['packet', 'packet'])
  })
})

describe('a ladder of several exchanges', () => {
  it('tells once of a connection that publisher and subscriber share', () => {
    const lost = connection(2, 1, 'lost', 'echo closes the connection')
    const both = message({
      publisher: exchange({ clientId: 'echo', steps: [packet(1, 0, 'PUBLISH', { qos: 1 }), lost] }),
      exchanges: [exchange({ role: 'subscriber', clientId: 'echo', steps: [lost] })],
    })
    expect(numbersIn(layout(both).rows)).toEqual([1, 2])
  })

  it('gives a client one lifeline, however often the message was sent to it', () => {
    const publish = (number: number) => packet(number, number, 'PUBLISH', { direction: 'to client', qos: 1 })
    const twice = message({
      exchanges: [1, 2].map((number) =>
        exchange({ role: 'subscriber', clientId: 'dashboard', steps: [publish(number)] }),
      ),
    })
    const ladder = layout(twice)
    expect(ladder.lanes.map(({ name }) => name)).toEqual(['gateway-berlin', 'broker', 'dashboard'])
    expect(packetRow(ladder, 1).arrow.x2).toBe(packetRow(ladder, 2).arrow.x2)
  })

  it('has no lifeline for a publisher where there was none', () => {
    const retained = message({
      origin: 'retained',
      publisherId: undefined,
      exchanges: [exchange({ role: 'subscriber' })],
    })
    expect(layout(retained).lanes.map(({ role }) => role)).toEqual(['broker', 'subscriber'])
  })

  it('shows the owner of a will', () => {
    const will = message({ origin: 'will', publisherId: 'pump-03' })
    expect(layout(will).lanes[0]).toMatchObject({ name: 'pump-03', role: 'owner of the will' })
  })
})

describe('a Packet Identifier that is held', () => {
  const publish = packet(1, 0, 'PUBLISH', { packetId: 5, qos: 2 })

  const held = (steps: Step[], number: number) => {
    const ladder = layout(message({ publisher: exchange({ steps }) }))
    const bar = ladder.bars.find(({ lane }) => lane === 0)
    return [bar?.y2, packetRow(ladder, number).arrow.y2]
  }

  it('is free again when the first PUBCOMP comes, whatever is sent again', () => {
    const completed = [2, 3].map((number) => packet(number, number, 'PUBCOMP', { packetId: 5 }))
    const [end, arrival] = held([publish, ...completed], 2)
    expect(end).toBe(arrival)
  })

  it('is free again after a PUBREC that refuses', () => {
    const refusals = [2, 3].map((number) => packet(number, number, 'PUBREC', { packetId: 5, code: 0x97 }))
    const [end, arrival] = held([publish, ...refusals], 2)
    expect(end).toBe(arrival)
  })

  it('is not held by a receiver that the PUBLISH did not reach', () => {
    const dropped = { ...publish, fate: 'dropped' as const }
    const ladder = layout(message({ publisher: exchange({ state: 'waiting', expects: 'PUBREC', steps: [dropped] }) }))
    expect(ladder.bars.map(({ lane }) => lane)).toEqual([0])
  })

  it('does not exist at QoS 0', () => {
    const ladder = layout(message({ publisher: exchange({ qos: 0, steps: [{ ...publish, qos: 0 }] }) }))
    expect(ladder.bars).toEqual([])
  })
})
