// Its own folder is the root, whatever lies above.

export default { outputFileTracingRoot: import.meta.dirname, generateBuildId: () => 'everyday', productionBrowserSourceMaps: false }
