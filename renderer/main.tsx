import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { chooseConnection } from './connection/connect.ts'
import { browserClock } from './state/browser-clock.ts'
import { ThemeSetting } from './state/theme-choice.ts'
import { Workbench } from './state/workbench.ts'
import './theme/base.css'

const theme = new ThemeSetting(window)
const workbench = new Workbench({ connect: chooseConnection(window), clock: browserClock })
workbench.start()

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <App workbench={workbench} theme={theme} />
  </StrictMode>,
)
