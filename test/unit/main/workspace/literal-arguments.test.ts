import { describe, expect, it } from 'vitest'
import { literalArguments } from '../../../../main/workspace/literal-arguments.ts'

/** A template has `¤{` here, which is no mistake in a string of a test. */
const template = (text: string) => text.replaceAll('¤', '\u0024')

/** What is wrong, as it stands in the text from there on, and the function that is given it. */
const wrongIn = (text: string) =>
  literalArguments(text).map(({ at, end, name, start }) => {
    expect(text.slice(start, end)).toBe(name)
    return [name, /^(?:'[^']*'|"[^"]*"|`[^`]*`|[\d.]+)/.exec(text.slice(at))?.[0]]
  })

describe('what a script writes out in a call', () => {
  it.each([
    ["x.toShow('PUBLISCH', /* then */ 'PUBACK', `ACK`)", ['toShow', "'PUBLISCH'"], ['toShow', '`ACK`']],
    ["x.toShow('PUBACK DUP')", ['toShow', "'PUBACK DUP'"]],
    ["x.toShow(...steps, 'ACK')"],
    ["x.hold('typ:a')", ['hold', "'typ:a'"]],
    ["x?.hold('type:a', 'typ:b')", ['hold', "'type:a'"]],
    ["x.subscribe('a/#/b', 'c/#/d')", ['subscribe', "'a/#/b'"]],
    ["x.subscribe(['a', 'b+', ''], { c: 'd/#/e' })", ['subscribe', "'b+'"], ['subscribe', "''"]],
    ["x.publish('a/+', 'b/+')", ['publish', "'a/+'"]],
    ["x.ofTopic('#/a').unsubscribe('a#')", ['ofTopic', "'#/a'"], ['unsubscribe', "'a#'"]],
    ['x.publish(`¤{a}/+`)', ['publish', '`¤{a}/+`']],
    ["x.subscribe([`a/#/¤{b({ c: `d¤{e}` })}`, 'f'])", ['subscribe', '`a/#/¤{b({ c: `']],
    ['x.loss(1.01); x.speed(0.001)', ['loss', '1.01'], ['speed', '0.001']],
  ])('is refused where the function would: %s', (text, ...wrong) => {
    expect(wrongIn(template(text))).toEqual(wrong.map((each) => [...each].map(template)))
  })

  it.each([
    "x.toShow('PUBLISH', 'publish DUP', 'PUBREC✕', 'PUBREC x2', '~')",
    "x.hold('type:pubrel'); x.hold(''); x.hold()",
    "x.subscribe('a/+/#'); x.subscribe('$share/g/a'); x.subscribe([])",
    "x.publish('', 'a'); x.publish('a' + '/+'); x.publish('a\\u002f')",
    'x.loss(0); x.loss(1); x.loss(share); x.loss(20 / 100); x.speed(1); x.speed(0.01)',
    "publish('a/+'); x.say('a/+'); // x.publish('a/+')\n'x.publish(1)'",
    'x.subscribe(`¤{a}#`); x.subscribe(`a/¤{b}+`); x.subscribe(`a/¤{b({ c: `d¤{e}` })}/#`); x.hold(`typ:¤{a}`)',
    'x.publish(`a/¤{b}` + "/+"); x.publish(`a/\\u002b¤{b}`); x.publish(`¤{a}`); x.publish(`',
    'x.publish(',
  ])('is left alone where it would work, or is not known: %s', (text) => {
    expect(wrongIn(template(text))).toEqual([])
  })
})
