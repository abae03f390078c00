// All keys of the page in words: what `?` shows.

export const KEY_HELP: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['/', 'search'],
      ['?', 'these keys'],
      ['Esc', 'close, then back'],
      ['g t', 'traces'],
      ['g e', 'errors'],
      ['g s', 'services'],
      ['g r', 'resources'],
      ['g m', 'metrics'],
      ['g l', 'logs'],
      ['g i', 'status of the agent'],
      ['\\', 'dark or light'],
    ],
  },
  {
    title: 'In lists',
    keys: [
      ['j k', 'next, previous'],
      ['Enter', 'open'],
      ['f', 'facets'],
      ['n', 'show what is new'],
    ],
  },
  {
    title: 'In a trace',
    keys: [
      ['j k', 'next, previous span'],
      ['← →', 'fold, unfold'],
      ['[ ]', 'fold all, unfold all'],
      ['Enter', 'details of the span'],
      ['x X', 'next, previous error'],
      ['Ctrl+F', 'search in the trace'],
      ['n N', 'next, previous match'],
      ['+ − 0', 'zoom in, out, all'],
      ['z', 'zoom to the span'],
      ['Shift ← →', 'move in time'],
      ['c', 'critical path'],
      ['1 2 3', 'waterfall, flame graph, spans'],
    ],
  },
]
