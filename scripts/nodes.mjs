// The newest release of each major of Node that `dd` supports: what the tests and the soak run on.

export const NODES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }
