import type { CID } from 'multiformats/cid'
import { cidOf, compatForm } from '../../protocol/index.ts'
import type { Parts } from './rebuild.ts'

/** What a coordinator that lies can do with its own key, and what an audit says. */
export const LIES: { id: string; of?: 'confidence'; tell: (parts: Parts) => void | Promise<void>; says: RegExp }[] = [
  {
    id: 'a test decided otherwise, by an output that somebody named',
    tell: ({ lists }) => {
      const [task, other] = [
        lists.tasks[0],
        lists.tasks[0].outputs.find((one: CID) => !one.equals(lists.tasks[0].cells[0].output)),
      ]
      task.cells[0].output = other
    },
    says: /case line 1, the C\+\+ side, the plain pass, task \w+, test 1: what is said to be decided is not what the votes come to/,
  },
  {
    id: 'a task by a name that nothing can have',
    tell: ({ lists }) => {
      lists.tasks[0].name = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
    },
    says: /expected the CID of raw bytes or dag-cbor, by SHA-256/,
  },
  {
    id: 'a decision where there is none',
    tell: ({ lists }) => {
      undecided(lists).state = 'decided'
    },
    says: /said to be decided; its votes leave it undecided/,
  },
  {
    id: 'no decision where there is one',
    tell: ({ lists }) => {
      lists.tasks[0].cells[0] = null
    },
    says: /said to be no decision; the votes come to one/,
  },
  {
    id: 'a decided task that is said to be given up',
    tell: ({ lists }) => {
      Object.assign(lists.tasks[0], { state: 'undecided', givenUp: 'blocked' })
    },
    says: /it is said to be undecided; its votes leave it decided/,
  },
  {
    id: 'a task given up when nobody had given it back',
    tell: ({ lists }) => {
      undecided(lists).givenUp = 'declined'
    },
    says: /given up when 0 operators gave it back; the round waits for 5/,
  },
  {
    id: 'more agreement than there was',
    tell: ({ lists }) => void lists.tasks[0].cells[0].votes++,
    says: /votes are said to agree with it/,
  },
  {
    id: 'a judgement turned round',
    tell: ({ lists }) => {
      lists.cases[1].judgement.strict = 'equivalent'
    },
    says: /case line 2: under the strict rule the case is said to be "equivalent"; its tests make it "different"/,
  },
  {
    id: 'a cell turned round',
    tell: ({ lists }) => {
      lists.cases[1].judgement.cells[1].strict = 'pass'
    },
    says: /case line 2, test 2: under the strict rule it is said to be "pass"/,
  },
  {
    id: 'outputs said to be equal',
    tell: ({ lists }) => {
      lists.cases[1].equal[1] = true
    },
    says: /case line 2, test 2: the outputs of the isolated runs are said to be equal; they are different/,
  },
  {
    id: 'a digest of what was printed that is another',
    tell: async ({ lists }) => {
      lists.tasks[0].cells[0].compat = await cidOf(compatForm(Buffer.from('else')), 'raw')
    },
    says: /digest of its compat form/,
  },
  {
    id: 'a pass left out',
    tell: ({ lists }) => {
      const name = lists.cases[0].strict.cuda.races
      delete lists.cases[0].strict.cuda.races
      lists.tasks = lists.tasks.filter((task) => task.name !== name)
    },
    says: /the manifest counts|case line 1, the CUDA side, the races pass: the rules ask for this pass/,
  },
  {
    id: 'a vote counted twice',
    tell: ({ lists }) => {
      const [first] = lists.tasks[0].votes
      lists.tasks[0].votes[1] = { ...first, operator: lists.tasks[0].votes[1].operator }
    },
    says: /verdict 2: the verdict \w+ was counted before/,
  },
  {
    id: 'a vote of another task',
    tell: ({ lists }) => {
      lists.tasks[0].votes[0] = lists.tasks[1].votes[0]
    },
    says: /verdict 1: it is about another task/,
  },
  {
    id: "a vote under another node's name",
    tell: ({ lists }) => {
      lists.tasks[0].votes[0].node = lists.tasks[0].votes[1].node
    },
    says: /verdict 1: signed by \w+, not by/,
  },
  {
    id: 'a vote in another class',
    tell: ({ lists }) => {
      lists.tasks[0].votes[0].class = 'host / else'
    },
    says: /it is of the class/,
  },
  {
    id: 'a vote for another assignment',
    tell: ({ lists }) => {
      lists.tasks[0].votes[0].nonce = 'nonce-x'
    },
    says: /the nonces differ/,
  },
  {
    id: 'two voters made one',
    tell: ({ lists }) => merge(lists.tasks[0].votes),
    says: /its votes|votes are said to agree|what is said to be decided|fewer votes/,
  },
  {
    id: 'other limits',
    tell: ({ lists }) => {
      lists.tasks[0].limits.wallMs = 1_000
    },
    says: /not named by its program, executor, pass and limits/,
  },
  {
    id: 'another policy',
    tell: ({ head }) => {
      head.spec.policy = { kind: 'majority', quorum: 3, replicas: 3 }
    },
    says: /its votes|ballot/,
  },
  {
    id: 'more cases than there are',
    tell: ({ head }) => void head.counts.cases++,
    says: /the manifest counts 7 cases; there are 6/,
  },
  {
    id: 'another coordinator',
    tell: ({ head }) => {
      head.coordinator = head.owner
    },
    says: /while the coordinator is said to be owner/,
  },
  {
    id: 'a field the format has not',
    tell: ({ lists }) => {
      lists.tasks[0].note = 'trust me'
    },
    says: /record 1 of tasks is not as the format says/,
  },
  {
    id: 'a batch that stood with fewer checks',
    of: 'confidence',
    tell: ({ lists }) => {
      const batch = lists.batches.find(({ state }) => state === 'stood')
      const at = batch.drawn.findIndex(({ result }: { result: string }) => result === 'passed')
      batch.drawn.splice(at, 1)
      batch.passed--
      for (const { votes } of lists.tasks)
        for (const { basis } of votes) if (basis?.batch === batch.name && basis.checks !== null) basis.checks--
    },
    says: /confidence of .* is stated; the votes come to|do not end the ballot|stood after 4 checks; it takes 5/,
  },
  {
    id: 'a check that nobody confirmed',
    of: 'confidence',
    tell: ({ lists }) => {
      const batch = lists.batches.find(({ state }) => state === 'stood')
      const drawn = batch.drawn.find(({ result }: { result: string }) => result === 'passed')
      drawn.task = lists.tasks.find(({ votes }) => votes.length === 1 && votes[0].operator === batch.operator).name
    },
    says: /said to have confirmed batch \w+; nobody else said/,
  },
  {
    id: 'a vote left out for a suspension that was none',
    of: 'confidence',
    tell: ({ lists }) => {
      const vote = believed(lists)
      vote.void = true
      vote.basis = null
    },
    says: /no suspension of its operator is on record/,
  },
  {
    id: 'a confidence that was not reached',
    of: 'confidence',
    tell: ({ lists }) => {
      lists.tasks[0].cells[0].confidence = 0.9999999
    },
    says: /a confidence of 0.9999999 is stated; the votes come to/,
  },
  {
    id: 'a vote worth more than a stranger’s without a batch',
    of: 'confidence',
    tell: ({ lists }) => {
      const { basis } = believed(lists)
      basis.checks = 1_000
      basis.batch = null
    },
    says: /counted as of a batch that stood, and is of none/,
  },
]

// biome-ignore lint/suspicious/noExplicitAny: records are taken apart and changed at will
type Loose = any

function undecided({ tasks }: Parts['lists']): Loose {
  return tasks.find(({ state }) => state === 'undecided')
}

/** A vote that counted, of an operator that was never suspended. */
function believed({ tasks, operators }: Parts['lists']): Loose {
  const suspended = new Set(operators.filter(({ suspensions }) => suspensions > 0).map(({ name }) => name))
  const votes: Loose[] = tasks.flatMap((task) => task.votes.slice(0, task.counted))
  return votes.find(({ basis, operator }) => basis !== null && !suspended.has(operator))
}

function merge(votes: Loose[]): void {
  for (const vote of votes) vote.operator = votes[0].operator
}
