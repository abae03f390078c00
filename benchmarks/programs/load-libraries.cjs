// A measured program of start-up: loads what a small service loads, builds it, and ends. Reports its CPU time.

const { writeSync } = require('node:fs')
const express = require('express')
const { Pool } = require('pg')

const app = express()
app.use(express.json())
app.get('/', (_request, response) => response.json({}))
exports.service = { app, pool: new Pool() }

process.on('exit', () => writeSync(1, JSON.stringify(process.cpuUsage())))
