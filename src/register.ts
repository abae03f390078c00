// `node --import dd/register app.mjs`: the same as `dd/init`, by the flag that programs of ES modules use.

import './init'
