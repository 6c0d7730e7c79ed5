import { execFile } from 'node:child_process'
import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { openRecording } from '../../../main/recorder/open-recording.ts'
import { buildFirst, CommandLine, faultline, root } from '../../helpers/command-line.ts'
import { Scene } from '../../helpers/scene.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { tshark } from '../../helpers/tshark.ts'

function scene(): Scene {
  const made = new Scene()
  made.opened(1)
  made.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 4, clean: true, keepalive: 0 })
  made.send(1, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: false })
  made.send(1, 'to broker', { cmd: 'publish', topic: 'a', payload: 'warm', qos: 0, dup: false, retain: false })
  made.event(1, { type: 'closed', by: 'client', cause: 'fin' })
  return made
}

/** A folder with a recording. */
async function recorded(): Promise<{ folder: string; file: string }> {
  const folder = await temporaryFolder()
  const file = join(folder, 'day.faultline')
  await writeFile(file, (await scene().export('faultline')).octets)
  return { folder, file }
}

/** Runs a command to its end. */
async function run(...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const command = faultline(words)
  const code = await command.exited
  return { code, stdout: command.stdout, stderr: command.stderr }
}

describe('faultline', () => {
  beforeAll(buildFirst, 120_000)

  describe('export', () => {
    it('writes pcapng beside the recording, and says so in one line', async () => {
      const { folder, file } = await recorded()
      const { code, stdout, stderr } = await run('export', file, '--to', 'pcapng', '--broker-port', '4711')
      const output = join(folder, 'day.pcapng')
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/^wrote (.+): 3 packets of 5 records, \d+ (octets|KiB)\n$/)
      expect(stdout).toContain(output)
      const { packets, frames } = await tshark(output, 4711)
      expect(packets.map(({ type, toBroker }) => [type, toBroker])).toEqual([
        [1, true],
        [2, false],
        [3, true],
      ])
      expect(frames.some(({ malformed, badChecksum }) => malformed || badChecksum)).toBe(false)
      expect(await readdir(folder)).toEqual(['day.faultline', 'day.pcapng'])
    })

    it('writes what a filter matches to standard output, and nothing else', async () => {
      const { file } = await recorded()
      const { code, stdout, stderr } = await run(
        'export',
        file,
        '--to',
        'jsonl',
        '--filter',
        'type:publish',
        '--output',
        '-',
      )
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        type: 'PUBLISH',
        topic: 'a',
        clientId: 'pump',
        payload: { text: 'warm' },
      })
      expect(stderr).toMatch(/^faultline: wrote 1 packet of 5 records, \d+ octets\n$/)
    })

    it('refuses to replace a file unless it is told to', async () => {
      const { folder, file } = await recorded()
      const output = join(folder, 'day.csv')
      await writeFile(output, 'precious')
      const refused = await run('export', file, '--to', 'csv')
      expect(refused).toEqual({
        code: 5,
        stdout: '',
        stderr: `faultline: ${output} exists already; name another file with --output, or replace it with --force\n`,
      })
      expect(await readFile(output, 'utf8')).toBe('precious')
      expect((await run('export', file, '--to', 'csv', '--force')).code).toBe(0)
      expect(await readFile(output, 'utf8')).toMatch(/^number,time_ns,/)
    })

    it('names the place of the mistake in a filter', async () => {
      const { folder, file } = await recorded()
      const { code, stdout, stderr } = await run('export', file, '--to', 'csv', '--filter', 'type:publish and (')
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^faultline: the filter cannot be read: .+; .+\n$/)
      expect(await readdir(folder)).toEqual(['day.faultline'])
    })

    it('names the file that it cannot read', async () => {
      const folder = await temporaryFolder()
      const missing = join(folder, 'nothing.faultline')
      expect(await run('export', missing, '--to', 'csv')).toMatchObject({
        code: 5,
        stderr: `faultline: ${missing} cannot be read: it does not exist; look whether its name and its folder are spelled right\n`,
      })
      const text = join(folder, 'text.faultline')
      await writeFile(text, 'hello, world')
      expect(await run('export', text, '--to', 'csv')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`${text} is neither a recording of Faultline nor a pcap or pcapng file`),
      })
      expect(await readdir(folder)).toEqual(['text.faultline'])
    })

    it('reads what is whole of a damaged recording, and says what is not', async () => {
      const { file } = await recorded()
      await writeFile(file, (await readFile(file)).subarray(0, -3))
      const { code, stdout, stderr } = await run('export', file, '--to', 'csv')
      expect(code).toBe(0)
      expect(stdout).toContain('3 packets of 5 records')
      expect(stderr).toMatch(
        /^faultline: .+day\.faultline: the last \d+ of \d+ octets cannot be read: it ends within a block\n$/,
      )
    })

    it('finds the file where the user typed its name, also under npm', async () => {
      const { folder } = await recorded()
      const words = [
        '--prefix',
        root,
        'run',
        '-s',
        'faultline',
        '--',
        'export',
        'day.faultline',
        '--to',
        'csv',
        '--output',
        'out.csv',
      ]
      const command = new CommandLine('npm', words, { cwd: folder })
      expect(await command.exited).toBe(0)
      await access(join(folder, 'out.csv'))
    })

    it('ends in order when whoever reads it has gone', async () => {
      const folder = await temporaryFolder()
      const file = join(folder, 'long.faultline')
      const long = new Scene()
      for (let i = 0; i < 3000; i++) long.send(1, 'to broker', Buffer.alloc(1000, 0x30))
      await writeFile(file, (await long.export('faultline')).octets)
      const command = `node main/hosts/cli/faultline.mjs export '${file}' --to jsonl --output - | head -1; exit \${PIPESTATUS[0]}`
      const result = await promisify(execFile)('bash', ['-c', command], { cwd: root }).catch((error) => error)
      expect(result.code).toBe(5)
      expect(result.stderr).toBe(
        'faultline: standard output cannot be written: whoever read it has gone; let it read to the end, or write to a file\n',
      )
    })
  })

  describe('import', () => {
    it('says what a recording of ours is, and leaves it alone', async () => {
      const { folder, file } = await recorded()
      const { code, stdout, stderr } = await run('import', file, '--output', join(folder, 'again.faultline'))
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain('day.faultline is a recording of Faultline already')
      expect(await readdir(folder)).toEqual(['day.faultline'])
    })

    it('makes a recording of a pcapng, which opens', async () => {
      const { folder, file } = await recorded()
      await run('export', file, '--to', 'pcapng')
      const output = join(folder, 'again.faultline')
      const { code, stdout, stderr } = await run('import', join(folder, 'day.pcapng'), '--output', output)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/^wrote .+again\.faultline: 3 packets of 5 records, \d+ octets\n$/)
      const [before, after] = [await openRecording(file), await openRecording(output)]
      expect(after.problem).toBeUndefined()
      expect(after.connections).toEqual(before.connections)
      for (const number of [2, 3, 4]) expect(after.record(number)).toEqual(before.record(number))
      for (const recording of [before, after]) recording.dispose()
    })

    it('says what it could not use, and that there is no MQTT', async () => {
      const { folder, file } = await recorded()
      await run('export', file, '--to', 'pcapng', '--broker-port', '4711')
      const cut = join(folder, 'cut.pcapng')
      await writeFile(cut, (await readFile(join(folder, 'day.pcapng'))).subarray(0, 520))
      const { code, stderr } = await run('import', cut)
      expect(code).toBe(0)
      expect(stderr).toContain('it ends within a packet')
      expect(stderr).toContain('no MQTT was found: nothing at port 1883, nothing that begins with CONNECT')
    })

    it('refuses what is no pcap, and leaves nothing behind', async () => {
      const { folder, file } = await recorded()
      const noise = join(folder, 'noise.pcap')
      await writeFile(noise, 'this is no capture of anything')
      const { code, stderr } = await run('import', noise)
      expect(code).toBe(2)
      expect(stderr).toContain('neither a recording of Faultline nor a pcap')
      expect(await readdir(folder)).toEqual(['day.faultline', 'noise.pcap'])
      expect((await run('import', file)).stderr).toContain('is already named as the result would be')
    })
  })
})
