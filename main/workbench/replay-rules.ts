import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { type NewRule, wireMethods } from '../../app/contract/wire.ts'
import { checkRule, ruleDefaults } from '../../app/faults/check-rule.ts'

/**
 * Reads a JSON list of rules, in the words of app/faults. What a rule does not say has the default of the workbench; it
 * must name its fault.
 *
 * @throws FaultlineError `not-found` or `file-unreadable` for the file, `invalid-argument` for what is in it
 */
export async function readRules(path: string): Promise<NewRule[]> {
  const rules = parse(path, await readText(path))
  if (!Array.isArray(rules)) throw wrong(path, 'it is no list', 'write [{ "fault": "drop", ... }]')
  return rules.map((rule: unknown, i) => readRule(path, `rule ${i + 1}`, rule))
}

function readRule(path: string, name: string, rule: unknown): NewRule {
  const named = v.safeParse(v.looseObject({ fault: v.string() }), rule)
  if (!named.success) throw wrong(path, `${name} names no fault`, 'write such as { "fault": "drop" }')
  const { output, issues, success } = v.safeParse(wireMethods['wire.addRule'].params, {
    ...ruleDefaults(named.output.fault),
    ...named.output,
  })
  if (!success) throw wrong(path, `${name}: ${issues.map(mistakeOf).join('; ')}`)
  try {
    return checkRule(output)
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    throw wrong(path, `${name}: ${error.message}`, error.hint)
  }
}

function mistakeOf(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue)
  return field === null ? issue.message : `${field}: ${issue.message}`
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new FaultlineError({
      code: isMissing ? 'not-found' : 'file-unreadable',
      message: isMissing ? `there is no file ${path}` : `${path} cannot be read: ${messageOf(error)}`,
      hint: 'name a file with a JSON list of rules',
    })
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw wrong(path, messageOf(error))
  }
}

function wrong(path: string, why: string, hint?: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-argument', message: `${path} holds no rules: ${why}`, hint })
}
