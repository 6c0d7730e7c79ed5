import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Caller } from '../../../app/contract/caller.ts'
import { contractVersion } from '../../../app/contract/contract.ts'
import { webSocketTransport } from '../../../main/hosts/web/web-socket-transport.ts'
import { buildFirst, CommandLine, faultline } from '../../helpers/command-line.ts'
import { freePort, reach } from '../../helpers/ports.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { patience } from '../../helpers/until.ts'

const anyPorts = ['--mqtt', '0', '--http', '0']
const quiet = [...anyPorts, '--no-open']

describe('faultline', () => {
  beforeAll(buildFirst, 120_000)

  describe('serve', () => {
    it('prints one line when it is ready, and serves the demo workspace', async () => {
      const command = faultline(['serve', ...quiet])
      const { pageUrl } = await command.ready()
      const caller = await screen(pageUrl)
      const { workspace } = await caller.call('workbench.hello', { contractVersion })
      expect(workspace.name).toBe('plant-demo')
      expect(await caller.call('devices.list', {})).not.toHaveLength(0)
      command.child.kill('SIGTERM')
      expect(await command.exited).toBe(0)
      expect(command.stdout).toMatch(/^ready \S+ \S+\n$/)
      expect(command.stderr).toBe('')
    })

    it('opens an empty folder as an empty workspace', async () => {
      const { pageUrl } = await faultline(['serve', await temporaryFolder(), ...quiet]).ready()
      const caller = await screen(pageUrl)
      expect(await caller.call('devices.list', {})).toEqual([])
      expect(await caller.call('scripts.list', {})).toEqual([])
    })

    it('sends the page only to who has its token', async () => {
      const { pageUrl } = await faultline(['serve', ...quiet]).ready()
      expect((await fetch(pageUrl)).status).toBe(200)
      expect((await fetch(pageUrl.origin)).status).toBe(403)
    })

    it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
      'stops in order on %s, with a page and a client connected',
      async (signal) => {
        const command = faultline(['serve', ...quiet])
        const { mqttPort, pageUrl } = await command.ready()
        const caller = await screen(pageUrl)
        const gone = vi.fn()
        const client = connect(mqttPort, '127.0.0.1')
        client.on('close', gone).on('error', gone)
        await caller.call('devices.list', {})
        command.child.kill(signal)
        expect(await command.exited).toBe(0)
        await vi.waitFor(() => expect(gone).toHaveBeenCalled(), patience)
        expect(command.stderr).toBe('')
      },
    )

    it('runs on when nobody reads its output any more', async () => {
      const http = await freePort()
      const command = faultline(['serve', '--mqtt', '0', '--http', String(http)], { DISPLAY: ':no-such-display' })
      command.child.stdout?.destroy()
      command.child.stderr?.destroy()
      const answer = () => fetch(`http://127.0.0.1:${http}/`).then(({ status }) => status)
      await vi.waitFor(async () => expect(await answer()).toBe(403), patience)
      // What it had to say of the browser that could not be opened went nowhere; it is still there.
      expect(command.child.exitCode).toBeNull()
      expect(await answer()).toBe(403)
      command.child.kill('SIGINT')
      expect(await command.exited).toBe(0)
    })

    // Elsewhere the system's own opener cannot be told to take another browser.
    describe.runIf(process.platform === 'linux')('with a browser', () => {
      /** A desktop with this browser, and none of the machine's. */
      async function desktopWith(browser: string): Promise<NodeJS.ProcessEnv> {
        const home = await temporaryFolder()
        const empty = {
          HOME: home,
          XDG_DATA_HOME: home,
          XDG_DATA_DIRS: home,
          XDG_CONFIG_HOME: home,
          XDG_CONFIG_DIRS: home,
        }
        return { ...empty, DISPLAY: ':1', BROWSER: browser }
      }

      it('opens the page', async () => {
        const seen = join(await temporaryFolder(), 'url')
        const browser = join(await temporaryFolder(), 'browser')
        await writeFile(browser, `#!/bin/sh\necho "$1" > '${seen}.tmp' && mv '${seen}.tmp' '${seen}'\n`, {
          mode: 0o755,
        })
        const { pageUrl } = await faultline(['serve', ...anyPorts], await desktopWith(browser)).ready()
        const opened = async () => (await readFile(seen, 'utf8')).trim()
        await vi.waitFor(async () => expect(await opened()).toBe(pageUrl.href), patience)
      })

      it('says so, and runs on, when it cannot be opened', async () => {
        const command = faultline(['serve', ...anyPorts], await desktopWith('no-such-browser'))
        const { pageUrl } = await command.ready()
        const said = /^faultline: no browser could be opened \(.+\); open .+\n$/
        await vi.waitFor(() => expect(command.stderr).toMatch(said), patience)
        expect((await fetch(pageUrl)).status).toBe(200)
      })

      it('says so when there is no display', async () => {
        const command = faultline(['serve', ...anyPorts])
        await command.ready()
        const said = /^faultline: no browser was opened \(there is no display\); .+\n$/
        await vi.waitFor(() => expect(command.stderr).toMatch(said), patience)
      })
    })
  })

  describe('open', () => {
    it('says in one line why there is no window, and serves the same workbench', async () => {
      for (const words of [['--no-open'], []]) {
        const command = faultline(['open', ...anyPorts, ...words])
        const { pageUrl } = await command.ready()
        expect((await fetch(pageUrl)).status).toBe(200)
        const lines = command.stderr.split('\n').filter((line) => line.includes('desktop window'))
        expect(lines).toEqual([
          expect.stringMatching(/^faultline: no desktop window \(.+\); serving the same workbench/),
        ])
        command.child.kill('SIGINT')
        expect(await command.exited).toBe(0)
      }
    })
  })

  describe('under npm', () => {
    const npm = (group: boolean) => {
      const command = new CommandLine('npm', ['run', '-s', 'faultline', '--', 'serve', ...quiet], { group })
      onTestFinished(() => command.end())
      return command
    }

    it('stops in order on Ctrl-C, which then arrives twice', async () => {
      const command = npm(true)
      await command.ready()
      process.kill(-Number(command.child.pid), 'SIGINT')
      expect(await command.exited).toBe(0)
    })

    it.each(['SIGINT', 'SIGTERM'] as const)('stops in order when npm alone gets %s', async (signal) => {
      const command = npm(false)
      const { mqttPort } = await command.ready()
      command.child.kill(signal)
      expect(await command.exited).toBe(0)
      await expect(reach(mqttPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    })
  })
})

async function screen(pageUrl: URL): Promise<Caller> {
  const socket = new WebSocket(`ws://${pageUrl.host}/contract${pageUrl.search}`, { origin: pageUrl.origin })
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  const caller = new Caller(webSocketTransport(socket, () => {}))
  onTestFinished(() => caller.dispose())
  return caller
}
