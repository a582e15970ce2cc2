// From where on history may go.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HistoryBound } from './history-bound.ts'

test('keeps everything while there are few versions with little text', () => {
  const bound = new HistoryBound({ revisions: 100, text: 1000, markEvery: 10 })

  for (let revision = 1; revision <= 100; revision++) bound.note(revision, 5)

  assert.equal(bound.oldestKept(0), undefined)
})

test('gives up what lies behind the number of versions that are kept', () => {
  const bound = new HistoryBound({ revisions: 100, text: 1e9, markEvery: 10 })
  let oldest = 0

  for (let revision = 1; revision <= 1000; revision++) {
    bound.note(revision, 5)
    oldest = bound.oldestKept(oldest) ?? oldest
  }

  assert.ok(oldest >= 880 && oldest < 900, String(oldest))
})

test('gives up what lies behind the text that is kept, and does not count what replaced nothing', () => {
  const bound = new HistoryBound({ revisions: 1e9, text: 1000, markEvery: 10 })

  for (let revision = 1; revision <= 500; revision++) bound.note(revision, 0)
  assert.equal(bound.oldestKept(0), undefined)
  for (let revision = 501; revision <= 1000; revision++) bound.note(revision, 20)

  const oldest = bound.oldestKept(0) ?? 0
  assert.ok(oldest >= 930 && oldest < 950, String(oldest))
})

test('never goes back behind what was forgotten already', () => {
  const bound = new HistoryBound({ revisions: 10, text: 1e9, markEvery: 1 })

  for (let revision = 1; revision <= 100; revision++) bound.note(revision, 1)

  assert.equal(bound.oldestKept(95), undefined)
})
