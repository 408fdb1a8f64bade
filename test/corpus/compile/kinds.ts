import { readFileSync } from 'node:fs'

/** A way in which generated CUDA goes wrong, or nearly. */
export interface Kind {
  id: string
  /** What is wrong with it, or why it is not. */
  title: string
  code: string
  wrapper: string
  test: string
}

/** What nvcc said of a kind. */
export interface Recorded {
  id: string
  nvcc: 'accepts' | 'refuses'
  /** The first complaint, empty where there is none. */
  says: string
}

export const recordFile = new URL('nvcc.json', import.meta.url)

const usualHost = `void run(int *a, int n) {
    int *d;
    cudaMalloc(&d, n * sizeof(int));
    cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
    k<<<1, n>>>(d, n);
    cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d);
}
`
const usualTest = 'int a[4] = {1, 2, 3, 4};\nwrapper(run, a, 4);\n'

/** The kinds of kinds.txt: `=== id`, a line that says what it is, code, and `--- host` where the host side is its own. */
export function readKinds(): Kind[] {
  const [, ...pieces] = readFileSync(new URL('kinds.txt', import.meta.url), 'utf8').split(/^=== /m)
  return pieces.map((piece) => {
    const [id = '', title = '', ...lines] = piece.split('\n')
    const [code = '', wrapper = usualHost] = lines.join('\n').split(/^--- host\n/m)
    return { id, title, code, wrapper, test: usualTest }
  })
}

export function readRecord(): Recorded[] {
  return JSON.parse(readFileSync(recordFile, 'utf8')) as Recorded[]
}
