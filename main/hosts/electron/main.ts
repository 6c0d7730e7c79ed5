import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { app, type BrowserWindow, dialog } from 'electron'
import { FaultlineError } from '../../../app/base/errors.ts'
import { readInstallation } from '../installation.ts'
import { Desktop, type DesktopOptions, inWords } from './desktop.ts'
import { setMenu } from './menu.ts'
import { declarePageScheme, pageUrl, servePageScheme } from './page-scheme.ts'
import { confinePages, createWindow } from './window.ts'

/** As in the command line's table. */
const environmentFailed = 5
const defaultMqttPort = 1883
/** How long the workbench may take to stop, in milliseconds, before the window's process ends all the same. */
const stopGrace = 1700

const log = (line: string) => void process.stderr.write(`faultline: ${line}\n`)

for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, fail)
app.setName('Faultline')
app.enableSandbox()
declarePageScheme()
if (app.requestSingleInstanceLock()) {
  app.whenReady().then(run).catch(fail)
} else {
  log('it is running already: its window comes to the front')
  app.exit(0)
}

async function run(): Promise<void> {
  const args = readArguments()
  const installation = await readInstallation(new URL('../', import.meta.url))
  let workspace = args.workspace ?? fileURLToPath(installation.simulations)
  const desktop = await startDesktop(
    (mqtt) => Desktop.start(installation, { ...args, workspace, mqtt }, log),
    args.mqtt,
  )
  if (desktop === undefined) return app.exit(0)

  confinePages()
  await servePageScheme(installation.webRoot)
  const window = createWindow(installation.preload)
  desktop.connect(window)
  quitInOrder(desktop)
  app.on('second-instance', () => bringToFront(window))
  setMenu({
    openWorkspace() {
      openWorkspace(window, desktop, workspace).then((chosen) => {
        workspace = chosen
      }, fail)
    },
  })
  await window.loadURL(pageUrl)
  process.stdout.write(`ready ${desktop.mqttUrl}\n`)
}

function readArguments(): Omit<DesktopOptions, 'workspace'> & { readonly workspace: string | undefined } {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: process.argv.slice(1),
    options: { workspace: text, mqtt: text, target: text, host: text, mqtts: text, ws: text, wss: text },
    // Electron's and Chromium's own switches are among them.
    strict: false,
  })
  const given = (name: keyof typeof values) => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const port = (name: keyof typeof values) => {
    const value = given(name)
    return value === undefined ? undefined : Number(value)
  }
  return {
    workspace: given('workspace'),
    mqtt: port('mqtt') ?? defaultMqttPort,
    target: given('target'),
    host: given('host'),
    mqtts: port('mqtts'),
    ws: port('ws'),
    wss: port('wss'),
  }
}

/** Where the port is in use the user decides; undefined when they would rather quit. */
async function startDesktop(start: (mqtt: number) => Promise<Desktop>, mqtt: number): Promise<Desktop | undefined> {
  try {
    return await start(mqtt)
  } catch (error) {
    if (!(error instanceof FaultlineError) || error.code !== 'port-in-use') throw error
    const { response } = await dialog.showMessageBox({
      type: 'warning',
      message: `Port ${mqtt} is in use by another program`,
      detail:
        'It may be another MQTT broker. Faultline can use any free port instead; the window shows which one it is, and your clients have to be pointed at it.',
      buttons: ['Use any free port', 'Quit'],
      defaultId: 0,
      cancelId: 1,
    })
    return response === 0 ? await start(0) : undefined
  }
}

/** Lets the user choose a folder; gives the workspace that is open afterwards. */
async function openWorkspace(window: BrowserWindow, desktop: Desktop, present: string): Promise<string> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open workspace',
    properties: ['openDirectory', 'createDirectory'],
  })
  const [chosen] = filePaths
  if (chosen === undefined) return present
  try {
    await desktop.change(present, chosen)
    return chosen
  } catch (error) {
    await dialog.showMessageBox(window, { type: 'error', ...inWords(error) })
    return present
  } finally {
    window.reload()
  }
}

/** Closing the window, the menu's Quit and signals all come by here: devices disconnect before the process ends. */
function quitInOrder(desktop: Desktop): void {
  let quitting = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (quitting) return
    quitting = true
    const late = setTimeout(() => app.exit(0), stopGrace)
    desktop
      .close()
      .catch((error: unknown) => log(inWords(error).message))
      .finally(() => {
        clearTimeout(late)
        app.exit(0)
      })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

function fail(error: unknown): void {
  const { message, detail } = inWords(error)
  log(`${message}; ${detail}`)
  dialog.showErrorBox(message, detail)
  app.exit(environmentFailed)
}
