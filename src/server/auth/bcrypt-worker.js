// Hashes or compares one password away from the main thread, which bcrypt would hold for some 60 ms.
import { parentPort, workerData } from 'node:worker_threads'
import bcrypt from 'bcryptjs'

const { password, hash, cost } = workerData
parentPort.postMessage(hash === undefined ? bcrypt.hashSync(password, cost) : bcrypt.compareSync(password, hash))
