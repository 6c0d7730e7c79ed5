import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberIn, readColumn } from '../../../../app/device/csv.ts'

const day = 'time,celsius,note\n0,20.5,\n1,21,"warm, not hot"\n2,19,"says ""cold""\nin two lines"\n'

describe('a column of a CSV file', () => {
  it('is found by its name, or by its number', () => {
    expect(readColumn(day, 'celsius')).toEqual(['20.5', '21', '19'])
    expect(readColumn(day, 2)).toEqual(['20.5', '21', '19'])
    expect(readColumn(day, 'note')).toEqual(['', 'warm, not hot', 'says "cold"\nin two lines'])
  })

  it('begins with the first line where that has no names', () => {
    expect(readColumn('1,2\n3,4', 2)).toEqual(['2', '4'])
  })

  it('may be separated by semicolons or tabs, with every line ending, a byte order mark, and empty lines at the end', () => {
    expect(readColumn('\uFEFFa;b\r\n1;2,5\r\n3;4\r\n\r\n', 'b')).toEqual(['2,5', '4'])
    expect(readColumn('a\tb\r1\t2\r3\t4', 'a')).toEqual(['1', '3'])
  })

  it('has an empty cell where a row is too short', () => {
    expect(readColumn('a,b\n1\n2,3', 'b')).toEqual(['', '3'])
  })

  it.each([
    ['', 'a', 'is empty'],
    ['a,b\n1,2', 'c', "has no column 'c'; it has 'a', 'b'"],
    ['a,b\n1,2', 3, 'has no column 3: it has 2'],
    ['a,b\n1,2', 0, 'has no column 0: it has 2'],
    ['a\n"1', 'a', 'has a quote that is never closed'],
  ])('of %j by %j says: %s', (text, column, message) => {
    expect(() => readColumn(text, column)).toThrow(message)
  })

  it('comes back from whatever was written by the rules of RFC 4180', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r', ' ', 'ä'), maxLength: 6 })
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(table, (rows) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
        const text = [['left', 'right'], ...rows].map((row) => row.map(quoted).join(',')).join('\r\n')
        expect(readColumn(text, 'left')).toEqual(rows.map(([left]) => left))
        expect(readColumn(text, 'right')).toEqual(rows.map(([, right]) => right))
      }),
    )
  })
})

describe('the number in a cell', () => {
  it.each([
    ['21.5', 21.5],
    [' -3 ', -3],
    ['1e3', 1000],
    ['21,5', 21.5],
    [',5', 0.5],
    ['', undefined],
    ['  ', undefined],
    ['n/a', undefined],
    ['Infinity', undefined],
    ['1,000,000', undefined],
  ])('%j is %s', (cell, number) => {
    expect(numberIn(cell)).toBe(number)
  })
})
