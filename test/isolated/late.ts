import { DOUBLE, type Row } from './rows.ts'

const TEST = 'int a[3] = {1, 2, 3};\nwrapper(run, a, 3);'
const wrapper = (...lines: string[]) => `void run(int *a, int n) {\n${lines.map((line) => `  ${line}\n`).join('')}}`

const MEMORY = 'int *d; cudaMalloc(&d, n * sizeof(int));'
const TO_DEVICE = 'cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);'
const TO_HOST = 'cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);'
const ASIDE = 'cudaStream_t s; cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking);'
const PINNED = 'int *p; cudaMallocHost(&p, n * sizeof(int));'
const READ = 'for (int i = 0; i < n; i++) a[i] = p[i];'

/** Work on a stream (W10) that somebody waits for, or whose result CUDA has before the call returns. */
export const WAITED_FOR: readonly Row[] = [
  {
    id: 'a stream is waited for',
    wrapper: wrapper(MEMORY, ASIDE, TO_DEVICE, 'twice<<<1, 32, 0, s>>>(d, n);', 'cudaStreamSynchronize(s);', TO_HOST),
  },
  {
    id: 'the null stream waits for a stream that blocks',
    wrapper: wrapper(MEMORY, 'cudaStream_t s; cudaStreamCreate(&s);', TO_DEVICE, 'twice<<<1, 32, 0, s>>>(d, n);', TO_HOST),
  },
  {
    id: 'a copy to ordinary memory is made when the call returns',
    wrapper: wrapper(
      MEMORY,
      ASIDE,
      'cudaMemcpyAsync(d, a, n * sizeof(int), cudaMemcpyHostToDevice, s);',
      'twice<<<1, 32, 0, s>>>(d, n);',
      'cudaMemcpyAsync(a, d, n * sizeof(int), cudaMemcpyDeviceToHost, s);',
    ),
  },
  {
    id: 'a stream waits for the event of another, and the host for that stream',
    wrapper: wrapper(
      MEMORY,
      ASIDE,
      PINNED,
      'cudaStream_t t; cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking);',
      'cudaEvent_t e; cudaEventCreate(&e);',
      TO_DEVICE,
      'twice<<<1, 32, 0, s>>>(d, n);',
      'cudaEventRecord(e, s);',
      'cudaStreamWaitEvent(t, e, 0);',
      'cudaMemcpyAsync(p, d, n * sizeof(int), cudaMemcpyDeviceToHost, t);',
      'cudaStreamSynchronize(t);',
      READ,
    ),
  },
  {
    id: 'memory of both is read after the device was waited for',
    wrapper: wrapper(
      'int *p; cudaMallocManaged(&p, n * sizeof(int));',
      'for (int i = 0; i < n; i++) p[i] = a[i];',
      'twice<<<1, 32>>>(p, n);',
      'cudaDeviceSynchronize();',
      READ,
    ),
  },
  {
    id: 'the host looks at shared memory until the kernel has been there',
    code: '__global__ void twice(int *a, int n) { for (int i = 0; i < n; i++) a[i] *= 2; __threadfence_system(); a[n] = 1; }\n',
    wrapper: wrapper(
      'volatile int *p; cudaMallocHost((int **)&p, (n + 1) * sizeof(int));',
      'for (int i = 0; i < n; i++) p[i] = a[i];',
      'p[n] = 0;',
      'twice<<<1, 1>>>((int *)p, n);',
      'while (p[n] == 0) {}',
      READ,
    ),
  },
  {
    id: 'a function of the host is called when the stream has come to it',
    wrapper: `struct Job { int *from, *to, n; };
void collect(void *job) { Job *j = (Job *)job; for (int i = 0; i < j->n; i++) j->to[i] = j->from[i]; }
${wrapper(
  MEMORY,
  ASIDE,
  PINNED,
  TO_DEVICE,
  'Job job{p, a, n};',
  'twice<<<1, 32, 0, s>>>(d, n);',
  'cudaMemcpyAsync(p, d, n * sizeof(int), cudaMemcpyDeviceToHost, s);',
  'cudaLaunchHostFunc(s, collect, &job);',
  'cudaStreamSynchronize(s);',
)}`,
  },
].map((row) => ({ code: DOUBLE, ...row, side: 'cuda', tests: [TEST], ends: ['success'] }))

/** W10: right when the device is quick, or when its work is done as it is asked for. */
export const NOT_WAITED_FOR: readonly Row[] = [
  {
    id: 'W10 a stream of its own, and the null stream does not wait for it',
    wrapper: wrapper(MEMORY, ASIDE, TO_DEVICE, 'twice<<<1, 32, 0, s>>>(d, n);', TO_HOST),
  },
  {
    id: 'W10 a copy to page-locked memory',
    wrapper: wrapper(
      MEMORY,
      PINNED,
      TO_DEVICE,
      'twice<<<1, 32>>>(d, n);',
      'cudaMemcpyAsync(p, d, n * sizeof(int), cudaMemcpyDeviceToHost);',
      READ,
    ),
  },
  {
    id: 'W10 memory of both, read at once',
    wrapper: wrapper(
      'int *p; cudaMallocManaged(&p, n * sizeof(int));',
      'for (int i = 0; i < n; i++) p[i] = a[i];',
      'twice<<<1, 32>>>(p, n);',
      READ,
    ),
  },
  {
    id: 'W10 an event that was recorded before the work',
    wrapper: wrapper(
      MEMORY,
      ASIDE,
      PINNED,
      'cudaEvent_t e; cudaEventCreate(&e);',
      TO_DEVICE,
      'cudaEventRecord(e, s);',
      'twice<<<1, 32, 0, s>>>(d, n);',
      'cudaMemcpyAsync(p, d, n * sizeof(int), cudaMemcpyDeviceToHost, s);',
      'cudaEventSynchronize(e);',
      READ,
    ),
  },
  {
    id: 'W10 what is copied is changed before it is',
    wrapper: wrapper(
      MEMORY,
      ASIDE,
      PINNED,
      'for (int i = 0; i < n; i++) p[i] = a[i];',
      'cudaMemcpyAsync(d, p, n * sizeof(int), cudaMemcpyHostToDevice, s);',
      'for (int i = 0; i < n; i++) p[i] = 0;',
      'twice<<<1, 32, 0, s>>>(d, n);',
      'cudaStreamSynchronize(s);',
      TO_HOST,
    ),
  },
].map((row) => ({
  ...row,
  side: 'cuda',
  code: DOUBLE,
  tests: [TEST],
  ends: ['success'],
  flags: [['race']],
  says: [/^test 1:2 element \d of argument 1 \(a\) depends on work of the device that the host does not wait for$/],
}))
