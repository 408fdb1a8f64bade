import { parentPort } from 'node:worker_threads'
import { readVerdict } from './check.ts'
import { answerTo, type Batch, questionsIn, type Reply } from './check-messages.ts'

/** The other end of `Checkers`: reads what it is sent, one after the other, and answers in the same order. */
parentPort?.on('message', async (batch: Batch) => {
  const answers = []
  for (const question of questionsIn(batch)) answers.push(await answerTo(readVerdict(question)))
  parentPort?.postMessage({ answers } satisfies Reply)
})
parentPort?.postMessage({ answers: [] } satisfies Reply)
