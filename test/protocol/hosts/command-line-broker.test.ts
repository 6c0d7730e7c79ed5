import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, faultline } from '../../helpers/command-line.ts'
import { ran } from '../../helpers/listener-bench.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

beforeAll(buildFirst, 120_000)

describe('faultline certificates', () => {
  it('makes them once, and lists them with what each is for', async () => {
    const workspace = await temporaryFolder()
    const first = faultline(['certificates', workspace])
    expect(await first.exited).toBe(0)
    const lines = first.stdout.trim().split('\n')
    expect(lines).toHaveLength(15)
    expect(lines[0]).toMatch(/^certificates\/ca\.crt +until 20\d\d-\d\d-\d\d {2}the authority of this workspace/)
    expect(first.stderr).toBe(`faultline: 15 made, in ${workspace}\n`)
    const ca = join(workspace, 'certificates/ca.crt')
    expect((await ran('openssl', ['verify', '-CAfile', ca, join(workspace, 'certificates/server.crt')])).code).toBe(0)

    const second = faultline(['certificates', workspace, '--json'])
    expect(await second.exited).toBe(0)
    expect(second.stderr).toBe('faultline: none was missing\n')
    const expired = JSON.parse(second.stdout).find(({ name }: { name: string }) => name === 'expired')
    expect(expired).toMatchObject({ file: 'certificates/expired.crt', kind: 'client', made: 'before' })
    expect(Date.parse(expired.validUntil)).toBeLessThan(Date.now())
  })

  it('says that there is no such folder', async () => {
    const command = faultline(['certificates', join(await temporaryFolder(), 'none')])
    expect(await command.exited).toBe(5)
    expect(command.stderr).toMatch(/^faultline: workspace .*none does not exist; /)
  })
})

describe('faultline serve with other listeners', () => {
  it('names them on its ready line, says loudly who reaches them, and takes clients in', async () => {
    const workspace = await temporaryFolder()
    const words = ['--no-open', '--mqtt', '0', '--http', '0', '--host', '0.0.0.0', '--mqtts', '0', '--ws', '0']
    const serve = faultline(['serve', workspace, ...words])
    const { mqttPort, others } = await serve.ready()
    expect(others.map((url) => new URL(url).protocol)).toEqual(['ws:', 'mqtts:'])
    const open = serve.stderr.split('\n').filter((line) => line.includes('ATTENTION'))
    expect(open).toHaveLength(3)
    expect(open[0]).toContain(`mqtt on port ${mqttPort} is open to every network of this machine`)
    const ca = join(workspace, 'certificates/ca.crt')
    const where = ['-h', 'localhost', '-p', new URL(String(others[1])).port, '--cafile', ca]
    expect(await ran('mosquitto_pub', [...where, '-t', 'a', '-m', 'x', '-q', '1'])).toEqual({ code: 0, output: '' })
    const plain = ['-h', '127.0.0.1', '-p', new URL(String(others[1])).port, '-t', 'a', '-m', 'x']
    expect((await ran('mosquitto_pub', plain)).code).not.toBe(0)
    await until('it says why', () => serve.stderr.includes('did not get in at mqtts://127.0.0.1:'))
  })
})

describe('faultline user', () => {
  it('adds, lists and removes users, whose passwords are in no file', async () => {
    const workspace = await temporaryFolder()
    const run = async (words: string[], input = '') => {
      const program = [process.execPath, join(import.meta.dirname, '../../../main/hosts/cli/faultline.mjs')] as const
      return ran(program[0], [program[1], 'user', ...words, '--workspace', workspace], input)
    }
    expect(await run(['list'])).toMatchObject({ code: 0, output: expect.stringContaining('there are no users') })
    expect(await run(['add', 'zoe'], 'secret-1\nmore\n')).toEqual({ code: 0, output: 'faultline: zoe is added\n' })
    expect(await run(['add', 'ann'], 'secret-2')).toMatchObject({ code: 0 })
    expect(await run(['add', 'ann'], 'secret-3')).toEqual({
      code: 0,
      output: 'faultline: ann has another password now\n',
    })
    expect(await run(['list'])).toEqual({ code: 0, output: 'ann\nzoe\n' })
    const file = await readFile(join(workspace, 'broker/users.json'), 'utf8')
    expect(file).toContain('$scrypt$')
    expect(file).not.toContain('secret')
    expect(await run(['remove', 'zoe'])).toMatchObject({ code: 0 })
    expect(await run(['remove', 'zoe'])).toEqual({
      code: 2,
      output: 'faultline: there is no user zoe; there is ann\n',
    })
    expect(await run(['add', 'bob'])).toMatchObject({
      code: 2,
      output: expect.stringContaining('there is no password'),
    })
    expect(await run(['add'])).toMatchObject({ code: 2, output: expect.stringContaining('add takes a NAME') })
    expect(await run(['change', 'ann'])).toMatchObject({ code: 2 })
  })
})
