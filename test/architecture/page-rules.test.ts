// The checker of the viewer's page is shown made-up files, so that a rule which has stopped biting fails here and not in silence.

import { strict as assert } from 'node:assert'
import { viewerViolations, WIRE } from './page-rules'

describe('the checker of the page', () => {
  it('knows what a file of the page may do', () => {
    const page = (code: string, file = 'src/local-agent/viewer/trace/x.tsx') =>
      viewerViolations(file, `// Why.\n${code}`)
    for (const code of [
      "import { h } from 'preact'",
      "import { useRef } from 'preact/hooks'",
      "import { signal } from '@preact/signals'",
      "import { layout } from '@dagrejs/dagre'",
      "import { x } from '../base/route'",
      "import {\n  a,\n} from '../../search/query-text'",
      "import type { Y } from './y'",
      'const words = <p>Datadog’s, as it is</p>',
    ])
      assert.deepEqual(page(code), [], code)
    for (const code of [
      "import 'left-pad'",
      "import { x } from 'node:fs'",
      "import { x } from '../../trace-store'",
      "import type { X } from '../../trace-store'",
      "import {\n  a,\n} from '../../../base/id'",
      "export { x } from '../../reply'",
      "const x = await import('../../reply')",
      "import './x.css'",
      'element.innerHTML = text',
      '<p dangerouslySetInnerHTML={x} />',
      'eval(x)',
      'console.log(x)',
      'let a: any',
      'Math.random()',
      "fetch('https://example.com')",
    ])
      assert.equal(page(code).length, 1, code)
    assert.equal(page("import './styles/app.css'", 'src/local-agent/viewer/app.tsx').length, 0)
    assert.deepEqual(page("import type {\n  X,\n} from '../analysis/skeleton'", WIRE), [])
    for (const code of [
      "import { X } from '../analysis/skeleton'",
      "import { type X } from '../analysis/skeleton'",
      "export type { X } from '../analysis/skeleton'",
      "let x: import('../analysis/skeleton').X",
      "import type { X } from '../read-span'",
    ])
      assert.equal(page(code, WIRE).length, 1, code)
    assert.equal(page("import type { X } from '../../analysis/skeleton'").length, 1)
    assert.equal(viewerViolations('src/local-agent/viewer/x.ts', 'const a = 1').length, 1)
    assert.equal(page('', 'src/local-agent/viewer/helpers.ts').length, 1)
  })
})
