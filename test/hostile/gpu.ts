import { type Attack, HELD, LATE, notShown, returned, SUCCESS, SYSTEM } from './attack.ts'

const NO_GPU = notShown('needs a GPU that nobody else works on')
const ITS_OWN = notShown('harms only what is its own')

const MIB = 1024 ** 2
/** A process that uses a GPU holds some hundred MiB before its first line, and takes a second to begin. */
const ROOM: Attack['limits'] = { wallMs: 20_000, memoryBytes: 2048 * MIB }
/** For what does not end by itself: longer than a context takes to make on a slow machine. */
const ENDLESS: Attack['limits'] = { ...ROOM, wallMs: 5_000 }

/** Every error of CUDA is in what the function returns: the first, or 0. */
const FIRST_ERROR = 'static int first(int a, int b) { return a != 0 ? a : b; }\n'

const onGpu = (row: Pick<Attack, 'id' | 'name' | 'tries' | 'code' | 'wrapper' | 'ends'> & Partial<Attack>): Attack => ({
  side: 'cuda',
  tests: ['wrapper(run, 1);'],
  limits: ROOM,
  control: NO_GPU,
  ...row,
})

/** What is in memory that a run has written is told by this word, which the program does not say twice. */
const SECRET_WORD = '0x5ec2e7a9u'

/** A second program searches for what a first one has left. */
const LEAVE_AND_LOOK = {
  tests: ['wrapper(leave, 1);', 'wrapper(look, 1);'],
  ends: [SUCCESS, SUCCESS],
  prints: ['Return value: void\nArguments after function call: (1)\n', returned(1, 1)],
}

/** The second of them: `search` is what it does, and counts in `d`. */
const look = (search: string) => `int look(int n) {
  unsigned *d, found = 0;
  cudaMalloc(&d, sizeof(unsigned));
  cudaMemset(d, 0, sizeof(unsigned));
${search}  cudaMemcpy(&found, d, sizeof(unsigned), cudaMemcpyDeviceToHost);
  if (found > 0) printf("ESCAPED %u words that another run has written\\n", found);
  return n;
}`

const FILL_AND_SEARCH = `__global__ void fill(unsigned *a, size_t n, unsigned word) {
  for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) a[i] = word;
}
__global__ void search(const unsigned *a, size_t n, unsigned word, unsigned *found) {
  for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x)
    if (a[i] == word) atomicAdd(found, 1u);
}
`

/** Takes memory in pieces until there is no more of it, and calls \`use\` with each. */
const EVERY_PIECE = `template <class Use> static int pieces(size_t most, Use use) {
  int taken = 0;
  for (size_t size = (size_t)1 << 28; size >= 1u << 20; size >>= 1)
    for (void *p; taken * (size >> 20) < most && cudaMalloc(&p, size) == cudaSuccess; taken++) use((unsigned *)p, size / 4);
  return taken;
}
`

/**
 * What a program can try with a GPU, and against whoever has it next. A GPU is run by one program at a time; after a bad end it
 * is looked at before the next. The list is run where there is one: test/hostile/gpu.test.ts, and the kit of docs/gpu-kit.md.
 */
export const GPU_ATTACKS: readonly Attack[] = [
  onGpu({
    id: 'G1',
    name: 'a kernel that never ends',
    tries: 'to keep the GPU for ever',
    code: '__global__ void forever(volatile int *a) { while (*a == 0) {} }\n',
    wrapper: `int run(int n) {
  int *d;
  cudaMalloc(&d, sizeof(int));
  cudaMemset(d, 0, sizeof(int));
  forever<<<64, 64>>>(d);
  return cudaDeviceSynchronize();
}`,
    ends: [LATE],
    isolated: ['timeout'],
    limits: ENDLESS,
  }),
  onGpu({
    id: 'G1',
    name: 'a kernel that never ends, and a program that does',
    tries: 'to keep the GPU after its process',
    code: '__global__ void forever(volatile int *a) { while (*a == 0) {} }\n',
    wrapper: `int run(int n) {
  int *d;
  cudaMalloc(&d, sizeof(int));
  cudaMemset(d, 0, sizeof(int));
  forever<<<64, 64>>>(d);
  return n;
}`,
    // Whoever looks at what it left on the GPU waits for the kernel.
    ends: [['success', 'runtime_error', 'timeout']],
    isolated: ['timeout or success, no-kernel-work or runtime_error'],
    limits: ENDLESS,
  }),
  onGpu({
    id: 'G2',
    name: 'writes where no memory is',
    tries: 'to leave the GPU in a fault for the next program',
    code: '__global__ void stray(int *a) { *(volatile int *)((size_t)1 << 52 | 4096) = (int)(size_t)a; }\n',
    wrapper: 'int run(int n) { stray<<<1, 1>>>(nullptr); return cudaDeviceSynchronize(); }',
    ends: [SUCCESS],
    prints: [returned(700, 1)],
    isolated: ['success, cuda-error or success, cuda-error, no-kernel-work'],
  }),
  onGpu({
    id: 'G2',
    name: 'reads from an address that is no multiple',
    tries: 'the same by another fault',
    code: '__global__ void askew(char *a) { *(volatile int *)(a + 4) = *(volatile int *)(a + 1); }\n',
    wrapper: `${FIRST_ERROR}int run(int n) {
  char *d;
  int made = cudaMalloc(&d, 16);
  askew<<<1, 1>>>(d);
  return first(made, cudaDeviceSynchronize());
}`,
    ends: [SUCCESS],
    prints: [returned(716, 1)],
    isolated: ['success, cuda-error or success, cuda-error, no-kernel-work'],
  }),
  onGpu({
    id: 'G3',
    name: 'takes all memory of the GPU and ends',
    tries: 'to leave none for the next program',
    code: `${EVERY_PIECE}__global__ void touch(unsigned *a) { *a = 1; }\n`,
    wrapper: `int run(int n) {
  int taken = pieces((size_t)1 << 40, [](unsigned *p, size_t) { touch<<<1, 1>>>(p); });
  void *more;
  while (cudaMalloc(&more, 1u << 20) == cudaSuccess) {}
  cudaDeviceSynchronize();
  return taken > 0 ? cudaGetLastError() : -1;
}`,
    ends: [SUCCESS],
    prints: [returned(2, 1)],
    isolated: ['success, no-kernel-work or success or memory_limit or output_limit'],
  }),
  onGpu({
    id: 'G3',
    name: 'takes all memory of the GPU and stays',
    tries: 'to have the next program find none while it waits',
    code: `#include <unistd.h>\n${EVERY_PIECE}`,
    wrapper: `int run(int n) {
  pieces((size_t)1 << 40, [](unsigned *, size_t) {});
  for (;;) pause();
}`,
    ends: [LATE],
    isolated: ['timeout'],
    limits: ENDLESS,
  }),
  onGpu({
    id: 'G3',
    name: 'takes the machine’s memory by the driver',
    tries: 'memory that is locked by the driver and may be no process’s',
    code: '__global__ void nothing() {}\n',
    wrapper: `int run(int n) {
  size_t taken = 0;
  for (void *p; taken < ((size_t)8 << 30) && cudaMallocHost(&p, 64u << 20) == cudaSuccess; taken += 64u << 20) memset(p, 1, 64u << 20);
  if (taken >= ((size_t)8 << 30)) puts("ESCAPED four times the memory it may have, locked");
  return n;
}`,
    ends: [['memory_limit', 'runtime_error', 'success']],
    isolated: ['memory_limit or runtime_error or success, no-kernel-work or success, cuda-error, no-kernel-work'],
  }),
  onGpu({
    id: 'G4',
    name: 'a kernel that prints from every thread',
    tries: 'to fill memory or time of whoever reads it',
    code: '__global__ void shout(int n) { for (int i = 0; i < n; i++) printf("thread %d says the same as every other thread, again and again\\n", threadIdx.x); }\n',
    wrapper: 'int run(int n) { for (int i = 0; i < 1000; i++) { shout<<<64, 256>>>(n); cudaDeviceSynchronize(); } return n; }',
    tests: ['wrapper(run, 8);'],
    ends: [['output_limit']],
    isolated: ['output_limit'],
  }),
  onGpu({
    id: 'G4',
    name: 'asks for a gigabyte to print into',
    tries: 'the same at once, by a buffer as large as it likes',
    code: '__global__ void shout(int n) { for (int i = 0; i < n; i++) printf("thread %d of block %d says so for the time of number %d\\n", threadIdx.x, blockIdx.x, i); }\n',
    wrapper: `int run(int n) {
  cudaDeviceSetLimit(cudaLimitPrintfFifoSize, (size_t)1 << 30);
  shout<<<256, 256>>>(n);
  return cudaDeviceSynchronize();
}`,
    tests: ['wrapper(run, 64);'],
    ends: [['output_limit', 'memory_limit']],
    isolated: ['output_limit or memory_limit'],
  }),
  onGpu({
    id: 'G5',
    name: 'an assertion that fails in a kernel',
    tries: 'to leave the GPU in a fault for the next program',
    code: '#include <cassert>\n__global__ void claim(int n) { assert(n == 0); }\n',
    wrapper: 'int run(int n) { claim<<<8, 32>>>(n); return cudaDeviceSynchronize(); }',
    ends: [SUCCESS],
    prints: [returned(710, 1)],
    isolated: ['success, cuda-error or success, cuda-error, no-kernel-work'],
  }),
  onGpu({
    id: 'G5',
    name: 'a trap in a kernel',
    tries: 'the same without words',
    code: '__global__ void fall() { __trap(); }\n',
    wrapper: 'int run(int n) { fall<<<1, 1>>>(); return cudaDeviceSynchronize() != cudaSuccess; }',
    ends: [SUCCESS],
    prints: [returned(1, 1)],
    isolated: ['success, cuda-error or success, cuda-error, no-kernel-work'],
  }),
  onGpu({
    id: 'G6',
    name: 'leaves a daemon that goes on with the GPU',
    tries: 'to work on after its run, beside the next program',
    code: `${SYSTEM}__global__ void forever(volatile int *a) { while (*a == 0) {} }
static void stay() {
  setsid();
  if (fork() != 0) _exit(0);
  prctl(PR_SET_NAME, "@mark@");
  for (int signal = 1; signal < 32; signal++) ::signal(signal, SIG_IGN);
  for (int fd = 0; fd < 3; fd++) close(fd);
  int *d;
  cudaMalloc(&d, sizeof(int));
  cudaMemset(d, 0, sizeof(int));
  forever<<<1, 1>>>(d);
  cudaDeviceSynchronize();
  sleep(20);
  _exit(0);
}
`,
    // Before this process has asked for the GPU, or the child could not.
    wrapper: 'int run(int n) { if (fork() == 0) stay(); usleep(1500000); return n; }',
    ends: [HELD],
    isolated: ['success, no-kernel-work or success, cuda-error, no-kernel-work or runtime_error'],
  }),
  onGpu({
    id: 'G7',
    name: 'reads what a run before it left in the GPU’s memory',
    tries: 'the data of another program',
    code: `${FILL_AND_SEARCH}${EVERY_PIECE}`,
    wrapper: `void leave(int n) {
  pieces(4096, [](unsigned *p, size_t count) { fill<<<256, 256>>>(p, count, ${SECRET_WORD}); });
  cudaDeviceSynchronize();
}
${look(`  pieces((size_t)1 << 40, [&](unsigned *p, size_t count) { search<<<256, 256>>>(p, count, ${SECRET_WORD}, d); });
`)}`,
    ...LEAVE_AND_LOOK,
    isolated: [
      'success, no-kernel-work or success or success, cuda-error',
      'success or success, no-kernel-work or success, cuda-error',
    ],
  }),
  onGpu({
    id: 'G7',
    name: 'reads it by other doors of the driver',
    tries: 'the same where a harness may not have looked',
    code: FILL_AND_SEARCH,
    wrapper: `void leave(int n) {
  void *p;
  for (int i = 0; i < 8 && cudaMallocAsync(&p, 128u << 20, 0) == cudaSuccess; i++) fill<<<256, 256>>>((unsigned *)p, 32u << 20, ${SECRET_WORD});
  if (cudaMallocManaged(&p, 128u << 20) == cudaSuccess) fill<<<256, 256>>>((unsigned *)p, 32u << 20, ${SECRET_WORD});
  cudaDeviceSynchronize();
}
${look(`  void *p;
  for (int i = 0; i < 8 && cudaMallocAsync(&p, 128u << 20, 0) == cudaSuccess; i++) search<<<256, 256>>>((unsigned *)p, 32u << 20, ${SECRET_WORD}, d);
  if (cudaMallocManaged(&p, 128u << 20) == cudaSuccess) search<<<256, 256>>>((unsigned *)p, 32u << 20, ${SECRET_WORD}, d);
  size_t pitch;
  if (cudaMallocPitch(&p, &pitch, 1u << 20, 64) == cudaSuccess) search<<<256, 256>>>((unsigned *)p, pitch * 64 / 4, ${SECRET_WORD}, d);
`)}`,
    ...LEAVE_AND_LOOK,
    isolated: ['success, no-kernel-work or success', 'success or success, no-kernel-work'],
  }),
  onGpu({
    id: 'G7',
    name: 'reads what blocks of a run before it shared',
    tries: 'the same in the memory of the processors',
    code: `constexpr int WORDS = 12 * 1024;
__global__ void fill(unsigned word) {
  extern __shared__ unsigned shared[];
  for (int i = threadIdx.x; i < WORDS; i += blockDim.x) ((volatile unsigned *)shared)[i] = word;
}
__global__ void search(unsigned word, unsigned *found) {
  extern __shared__ unsigned shared[];
  for (int i = threadIdx.x; i < WORDS; i += blockDim.x)
    if (((volatile unsigned *)shared)[i] == word) atomicAdd(found, 1u);
}
`,
    wrapper: `void leave(int n) {
  fill<<<4096, 256, WORDS * 4>>>(${SECRET_WORD});
  cudaDeviceSynchronize();
}
${look(`  search<<<4096, 256, WORDS * 4>>>(${SECRET_WORD}, d);
`)}`,
    ...LEAVE_AND_LOOK,
    isolated: ['success, no-kernel-work or success', 'success or success, no-kernel-work'],
  }),
  onGpu({
    id: 'G8',
    name: 'resets the device in the middle',
    tries: 'to have the harness lose what it holds on the GPU',
    code: '__global__ void twice(int *a, int n) { int i = threadIdx.x; if (i < n) a[i] *= 2; }\n',
    wrapper: `int run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaDeviceReset();
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 32>>>(d, n);
  int code = cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
  cudaDeviceReset();
  return code;
}`,
    tests: ['int a[2] = {20, 21}; wrapper(run, a, 2);'],
    ends: [SUCCESS],
    prints: ['Return value: 0\nArguments after function call: ([ 40, 42 ], 2)\n'],
    isolated: ['success or success, no-kernel-work or success, cuda-error'],
    control: ITS_OWN,
  }),
  onGpu({
    id: 'G8',
    name: 'changes the settings of the GPU',
    tries: 'a GPU that is slower, or only its own, for all who come after',
    code: `#include <dlfcn.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/wait.h>
__global__ void nothing() {}
static int asked(const char *name, void *library, void *device, unsigned value) {
  auto set = (int (*)(void *, unsigned))dlsym(library, name);
  return set != nullptr && set(device, value) == 0;
}
static void by_library() {
  void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  if (library == nullptr) return;
  auto begin = (int (*)())dlsym(library, "nvmlInit_v2");
  auto get = (int (*)(unsigned, void **))dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
  void *device;
  if (begin == nullptr || get == nullptr || begin() != 0 || get(0, &device) != 0) return;
  if (asked("nvmlDeviceSetPersistenceMode", library, device, 1)) puts("ESCAPED the mode of the driver was set");
  if (asked("nvmlDeviceSetComputeMode", library, device, 0)) puts("ESCAPED who may use the GPU was set");
}
static void by_program() {
  for (const char *place : {"/usr/bin/nvidia-smi", "/usr/local/nvidia/bin/nvidia-smi", "/bin/nvidia-smi"}) {
    if (access(place, F_OK) == 0) puts("ESCAPED the program of the settings is there");
  }
}
`,
    wrapper: 'int run(int n) { by_library(); by_program(); nothing<<<1, 1>>>(); cudaDeviceSynchronize(); return n; }',
    ends: [HELD],
    isolated: ['success, no-kernel-work or runtime_error'],
    control: notShown('would change the machine'),
  }),
  onGpu({
    id: 'G8',
    name: 'looks for other GPUs and their doors',
    tries: 'a GPU that its owner keeps for himself',
    code: `#include <dirent.h>
#include <string>
__global__ void nothing() {}
static bool is_gpu(const std::string &name) { return name.rfind("nvidia", 0) == 0 && name.size() > 6 && isdigit(name[6]); }
`,
    wrapper: `int run(int n) {
  int gpus = 0, seen = 0;
  if (DIR *folder = opendir("/dev")) {
    while (dirent *entry = readdir(folder)) {
      gpus += is_gpu(entry->d_name);
      if (std::string(entry->d_name) == "nvidia-modeset" || std::string(entry->d_name) == "nvidia-caps") printf("ESCAPED /dev/%s is there\\n", entry->d_name);
    }
    closedir(folder);
  }
  cudaGetDeviceCount(&seen);
  if (gpus > 1 || seen > 1) puts("ESCAPED more than one GPU is there");
  nothing<<<1, 1>>>();
  cudaDeviceSynchronize();
  return n;
}`,
    ends: [SUCCESS],
    prints: [returned(1, 1)],
    isolated: ['success, no-kernel-work'],
    control: notShown('most machines have one'),
  }),
  onGpu({
    id: 'G9',
    name: 'a launch over the limits that nobody reads',
    tries: 'to pass where no kernel has run',
    code: '__global__ void twice(int *a, int n) { int i = threadIdx.x; if (i < n) a[i] *= 2; }\n',
    wrapper: `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 4096>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
  for (int i = 0; i < n; i++) a[i] *= 2;
}`,
    tests: ['int a[2] = {20, 21}; wrapper(run, a, 2);'],
    ends: [SUCCESS],
    prints: ['Return value: void\nArguments after function call: ([ 40, 42 ], 2)\n'],
    isolated: ['success, cuda-error, no-kernel-work or success, cuda-error'],
    control: notShown('the same inside and outside'),
  }),
]

/** Every id, in order. */
export const GPU_IDS: readonly string[] = [...new Set(GPU_ATTACKS.map(({ id }) => id))]
