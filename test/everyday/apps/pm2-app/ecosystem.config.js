// Two instances behind one port.

module.exports = {
  apps: [
    {
      name: 'shop',
      script: 'server.js',
      instances: 2,
      exec_mode: 'cluster',
      env: { DD_SERVICE: 'shop' },
      wait_ready: true,
      kill_timeout: 5000,
      merge_logs: true,
    },
  ],
}
