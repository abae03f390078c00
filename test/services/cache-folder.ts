// Where the tests keep downloads that outlive a run: `DD_TEST_CACHE`, or a folder in the home directory.

import { homedir } from 'node:os'
import { join } from 'node:path'

export const cacheFolder = process.env['DD_TEST_CACHE'] ?? join(homedir(), '.cache', 'dd-test-services')
