// A measured program of memory: loads and builds what a small service has, and says how much memory that takes.

const express = require('express')
const { Pool } = require('pg')
const { footprintAtRest } = require('./footprint.cjs')

const app = express()
app.use(express.json())
app.get('/', (_request, response) => response.json({}))
exports.service = { app, pool: new Pool() }

process.on('disconnect', () => process.exit())
footprintAtRest().then((footprint) => process.send(footprint))
