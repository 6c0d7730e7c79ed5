import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../../../app/mqtt/decode.ts'
import { paint } from '../../../../../renderer/features/packet/tones.ts'
import {
  buildTree,
  initialTree,
  mostRows,
  plainName,
  pressKey,
  reveal,
  splitValue,
  type TreeNode,
  type TreeState,
  tellsOf,
  toggle,
  visibleRows,
} from '../../../../../renderer/features/packet/tree-model.ts'
import { everyField } from '../../../../helpers/fields.ts'
import { conformingPacket } from '../../../../helpers/properties.ts'

const publish = generate({ cmd: 'publish', topic: 'a', payload: 'hi', qos: 1, messageId: 7, dup: false, retain: false })
const nodes = buildTree(decodePacket(publish, 4).fields)

function names(rows: readonly TreeNode[]): string[] {
  return rows.map((row) => row.field.name)
}

/** The name of the row that the keyboard is on, after these keys. */
function pressing(keys: readonly string[], start: TreeState = initialTree(nodes)): string | undefined {
  const state = keys.reduce((before, key) => pressKey(nodes, before, key) ?? before, start)
  return visibleRows(nodes, state.expanded).rows.find((row) => row.id === state.active)?.field.name
}

describe('the packet tree', () => {
  it('shows what the fixed header consists of at the top, and the flags open', () => {
    const { rows, cut } = visibleRows(nodes, initialTree(nodes).expanded)
    const fixed = ['Packet type', 'Flags', 'DUP', 'QoS', 'RETAIN', 'Remaining Length']
    expect(names(rows)).toEqual([...fixed, 'Topic Name', 'Packet Identifier', 'Payload'])
    expect(cut).toBe(false)
    expect(rows.map((row) => row.level)).toEqual([1, 1, 2, 2, 2, 1, 1, 1, 1])
  })

  it('walks with the arrow keys, and opens and closes', () => {
    expect(pressing(['ArrowDown'])).toBe('Packet type')
    expect(pressing(['Home', 'ArrowDown', 'ArrowDown'])).toBe('DUP')
    expect(pressing(['End'])).toBe('Payload')
    expect(pressing(['End', 'ArrowDown'])).toBe('Payload')
    expect(pressing(['End', 'ArrowUp'])).toBe('Packet Identifier')
    expect(pressing(['Home', 'ArrowDown', 'ArrowDown', 'ArrowLeft'])).toBe('Flags')
    expect(pressing(['Home', 'ArrowDown', 'ArrowLeft', 'ArrowDown'])).toBe('Remaining Length')
    expect(pressing(['Home', 'ArrowDown', 'Enter', 'ArrowDown'])).toBe('Remaining Length')
    expect(pressing(['Home', 'ArrowDown', 'ArrowRight'])).toBe('DUP')
    expect(pressing(['Home', 'ArrowDown', ' ', 'ArrowRight', 'ArrowRight'])).toBe('DUP')
    expect(pressKey(nodes, initialTree(nodes), 'x')).toBeUndefined()
  })

  it('finds the innermost field of an octet and opens what it stands in', () => {
    const closed: TreeState = { expanded: new Set(), active: undefined }
    const active = (at: number) => {
      const state = reveal(nodes, closed, at)
      return visibleRows(nodes, state.expanded).rows.find((row) => row.id === state.active)?.field.name
    }
    expect(active(5)).toBe('Packet Identifier')
    expect(active(8)).toBe('Payload')
    expect(active(0)).toBe('Packet type')
    expect(reveal(nodes, closed, 99)).toBe(closed)
  })

  it('lights every row that tells of an octet and no row that another one tells it better than', () => {
    fc.assert(
      fc.property(
        conformingPacket,
        fc.nat(),
        fc.array(fc.nat(9), { maxLength: 4 }),
        ({ octets, version }, seed, picks) => {
          const tree = buildTree(decodePacket(octets, version).fields)
          const at = seed % octets.length
          const state = picks.reduce(
            (before, pick) => toggle(before, tree[pick % tree.length]?.id ?? ''),
            initialTree(tree),
          )
          const { rows } = visibleRows(tree, state.expanded)
          const lit = rows.filter((row) => tellsOf(row, state.expanded, at))
          expect(lit.length).toBeGreaterThan(0)
          for (const row of lit) {
            expect(row.field.start <= at && at < row.field.end).toBe(true)
            expect(lit.some((other) => other.parent === row)).toBe(false)
          }
        },
      ),
    )
  })

  it('draws no more rows than a browser can take', () => {
    const octets = Uint8Array.from([0x90, 0xd2, 0x0f, 0, 1, ...new Array<number>(2000).fill(0)])
    const many = buildTree(decodePacket(octets, 4).fields)
    const { rows, cut } = visibleRows(many, initialTree(many).expanded)
    expect([rows.length, cut]).toEqual([mostRows, true])
  })

  it('writes names without capitals that mean nothing, and splits what stands on the wire from its words', () => {
    expect(['Packet Identifier', 'Will QoS', 'DUP'].map(plainName)).toEqual(['packet identifier', 'will QoS', 'DUP'])
    expect(splitValue('0x87 Not authorized')).toEqual(['0x87', ' Not authorized'])
    expect(splitValue('6 PUBREL')).toEqual(['6', ' PUBREL'])
    expect(splitValue('"6 of them"')).toEqual(['"6 of them"', ''])
    expect(splitValue('QoS 2')).toEqual(['QoS 2', ''])
  })
})

describe('the colours of a packet', () => {
  it('gives every octet the colour of its field, and neighbours different ones', () => {
    fc.assert(
      fc.property(conformingPacket, ({ octets, version }) => {
        const { fields } = decodePacket(octets, version)
        const colours = paint(fields)
        let before = colours.stretchAt(0)
        for (let at = 0; at < octets.length; at++) {
          const stretch = colours.stretchAt(at)
          expect(stretch && stretch.start <= at && at < stretch.end).toBe(true)
          if (stretch !== before) expect(stretch?.tone).not.toBe(before?.tone)
          before = stretch
        }
        for (const field of everyField(fields)) {
          const tone = colours.toneOf(field)
          if (tone !== undefined && field.end > field.start) expect(colours.stretchAt(field.start)?.tone).toBe(tone)
        }
        expect(colours.stretchAt(octets.length)).toBeUndefined()
      }),
    )
  })
})
