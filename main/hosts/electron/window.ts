import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, session } from 'electron'
import { pageUrl } from './page-scheme.ts'

/** Creates the window with the page in a sandbox: no Node, no way out of the page. */
export function createWindow(preload: URL): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    title: 'Faultline',
    show: false,
    webPreferences: {
      preload: fileURLToPath(preload),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  // Shown when there is something to see, instead of an empty white frame.
  window.once('ready-to-show', () => window.show())
  return window
}

/**
 * Holds every page of this process to the one it was made for, and grants it nothing: a payload that is shown must not
 * be able to lead elsewhere, nor to ask for the camera or for anything else. Call it once, after `ready`.
 */
export function confinePages(): void {
  const pages = session.defaultSession
  pages.setPermissionRequestHandler((_, _permission, decide) => decide(false))
  pages.setPermissionCheckHandler(() => false)
  pages.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-frame-navigate', (details) => {
      // The page may load itself again.
      if (!details.isMainFrame || details.url !== pageUrl) details.preventDefault()
    })
    contents.on('will-redirect', (details) => details.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}
