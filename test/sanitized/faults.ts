/** A program text with one fault, where it is, and what is said about it. */
export interface Fault {
  id: string
  /** Functions; the line of the fault is marked by `//!` at its end, here or in the test. */
  code: string
  test: string
  says: RegExp
}

export const MARK = '//!'

export const HOST_FAULTS: readonly Fault[] = [
  {
    id: 'reads past a local array',
    code: 'int sum(int *a, int n) {\n  int s = 0;\n  for (int i = 0; i <= n; i++)\n    s += a[i]; //!\n  return s;\n}',
    test: 'int a[5] = {1, 2, 3, 4, 5};\nwrapper(sum, a, 5);',
    says: /^outside of a local array: read of 4 bytes, 0 bytes past an array of 20 bytes$/,
  },
  {
    id: 'writes before a local array',
    code: 'void before(int *a, int i) {\n  a[i] = 1; //!\n}',
    test: 'int a[5] = {};\nwrapper(before, a, -1);',
    says: /^outside of a local array: write of 4 bytes, 4 bytes before an array of 20 bytes$/,
  },
  {
    id: 'an index past a known size',
    code: 'int at(int i) {\n  int a[10] = {};\n  return a[i]; //!\n}',
    test: 'wrapper(at, 10);',
    says: /^index 10 out of bounds for type int ?\[10\]$/,
  },
  {
    id: 'a row too far in a table',
    code: 'int cell(int t[3][4], int i, int j) {\n  return t[i][j]; //!\n}',
    test: 'int t[3][4] = {};\nwrapper(cell, t, 0, 4);',
    says: /^index 4 out of bounds for type int ?\[4\]$/,
  },
  {
    id: 'past a block of the heap',
    code: 'double last(int n) {\n  double *p = new double[n]();\n  double v = p[n]; //!\n  delete[] p;\n  return v;\n}',
    test: 'wrapper(last, 6);',
    says: /^outside of a block of the heap: read of 8 bytes, 0 bytes past a block of 48 bytes$/,
  },
  {
    id: 'after free',
    code: 'int late(int n) {\n  int *p = (int *)malloc(n);\n  free(p);\n  return p[1]; //!\n}',
    test: 'wrapper(late, 40);',
    says: /^after it was freed: read of 4 bytes, byte 4 of a block of 40 bytes$/,
  },
  {
    id: 'freed twice',
    code: 'void twice(int n) {\n  char *p = new char[n];\n  delete[] p;\n  delete[] p; //!\n}',
    test: 'wrapper(twice, 8);',
    says: /^freed twice/,
  },
  {
    id: 'freed the other way',
    code: 'void mixed(int n) {\n  char *p = (char *)malloc(n);\n  delete[] p; //!\n}',
    test: 'wrapper(mixed, 8);',
    says: /^freed by another kind of call/,
  },
  {
    id: 'past a global array',
    code: 'int table[7];\nint global(int *t, int i) {\n  return t[i]; //!\n}',
    test: 'wrapper(global, table, 8);',
    says: /^outside of a global array: read of 4 bytes, 4 bytes past an array of 28 bytes$/,
  },
  {
    id: 'in the room of a vector beyond its size',
    code: 'int beyond(int n) {\n  vector<int> v;\n  v.reserve(64);\n  v.push_back(1);\n  int *p = v.data();\n  return p[n]; //!\n}',
    test: 'wrapper(beyond, 3);',
    says: /^outside of a vector: read of 4 bytes/,
  },
  {
    id: 'past a vector, in a function of the library',
    code: 'int element(int n) {\n  vector<int> v(4);\n  return v[n]; //!\n}',
    test: 'wrapper(element, 4);',
    says: /^outside of a block of the heap: read of 4 bytes/,
  },
  {
    id: 'a local array after its block',
    code: 'int scope(int n) {\n  int *p = nullptr;\n  {\n    int a[4] = {n, n, n, n};\n    p = a;\n  }\n  return p[1]; //!\n}',
    test: 'wrapper(scope, 3);',
    says: /^after its block has ended: read of 4 bytes/,
  },
  {
    id: 'signed overflow',
    code: 'int add(int a, int b) {\n  return a + b; //!\n}',
    test: 'wrapper(add, INT_MAX, 1);',
    says: /^signed overflow: 2147483647 \+ 1 does not fit int$/,
  },
  {
    id: 'signed overflow by negation',
    code: 'int negated(int a) {\n  return -a; //!\n}',
    test: 'wrapper(negated, INT_MIN);',
    says: /^signed overflow: -\(-2147483648\) does not fit int$/,
  },
  {
    id: 'division by zero',
    code: 'int divide(int a, int b) {\n  return a / b; //!\n}',
    test: 'wrapper(divide, 1, 0);',
    says: /^division by zero$/,
  },
  {
    id: 'a shift by too much',
    code: 'int shift(int a, int b) {\n  return a << b; //!\n}',
    test: 'wrapper(shift, 1, 32);',
    says: /^shift by 32 of a number of 32 bits$/,
  },
  {
    id: 'a number too large for the integer',
    code: 'int whole(float x) {\n  return (int)x; //!\n}',
    test: 'wrapper(whole, 1e20f);',
    says: /^conversion: 1e\+20 does not fit int$/,
  },
  {
    id: 'null',
    code: 'int follow(int *p) {\n  return *p; //!\n}',
    test: 'int *p = nullptr;\nwrapper(follow, p);',
    says: /^null pointer: load of int$/,
  },
  {
    id: 'a bad address',
    code: 'int far(long at) {\n  return *(int *)at; //!\n}',
    test: 'wrapper(far, 0x123456789000L);',
    says: /^a bad address: read$/,
  },
  {
    id: 'misaligned',
    code: 'double odd(double *p) {\n  return *p; //!\n}',
    test: 'alignas(8) char a[16] = {};\nwrapper(odd, (double *)(a + 1));',
    says: /^misaligned: load of double, which needs a multiple of 8 bytes$/,
  },
  {
    id: 'no value',
    code: 'int none(int n) { //!\n  if (n > 0) return n;\n}',
    test: 'wrapper(none, 0);',
    says: /^a function ended without the value it returns$/,
  },
  {
    id: 'no such bool',
    code: 'int truth(char *p) {\n  bool b = *(bool *)p; //!\n  return b ? 1 : 2;\n}',
    test: 'char c[1] = {7};\nwrapper(truth, c);',
    says: /^the value 7, which no bool has$/,
  },
  {
    id: 'a copy past an array',
    code: 'void copied(int *to, int *from, int n) {\n  memcpy(to, from, n * sizeof(int)); //!\n}',
    test: 'int a[4] = {}, b[8] = {};\nwrapper(copied, a, b, 8);',
    says: /^outside of a local array: write of 32 bytes, 0 bytes past an array of 16 bytes$/,
  },
  {
    id: 'a copy onto itself',
    code: 'void overlap(int *a, int n) {\n  memcpy(a, a + 1, n * sizeof(int)); //!\n}',
    test: 'int a[8] = {};\nwrapper(overlap, a, 4);',
    says: /^a copy between places that overlap/,
  },
  {
    id: 'in the test itself',
    code: 'int same(int x) { return x; }',
    test: 'int a[3] = {1, 2, 3}, *p = a;\nint k = p[3]; //!\nwrapper(same, k);',
    says: /^outside of a local array: read of 4 bytes, 0 bytes past an array of 12 bytes$/,
  },
]

const MALLOC = 'int *d;\ncudaMalloc(&d, 16 * sizeof(int));\n'

export const CUDA_FAULTS: readonly Fault[] = [
  {
    id: 'a kernel writes past its array',
    code: '__global__ void fill(int *d, int n) {\n  int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i <= n)\n    d[i] = i; //!\n}',
    test: `${MALLOC}fill<<<1, 32>>>(d, 16);`,
    says: /^outside of device memory: write of 4 bytes, 0 bytes past an array of 64 bytes$/,
  },
  {
    id: 'a kernel reads before its array',
    code: '__global__ void neighbours(int *d, int n) {\n  int i = threadIdx.x;\n  if (i < n)\n    d[n] = d[i - 1]; //!\n}',
    test: `${MALLOC}neighbours<<<1, 8>>>(d, 8);`,
    says: /^outside of device memory: read of 4 bytes, 4 bytes before an array of 64 bytes$/,
  },
  {
    id: 'past an array that ends at a step of 512 bytes',
    code: '__global__ void exact(char *d, int n) {\n  d[n] = 1; //!\n}',
    test: 'char *d, *e;\ncudaMalloc(&d, 512);\ncudaMalloc(&e, 512);\nexact<<<1, 1>>>(d, 512);',
    says: /^outside of device memory: write of 1 bytes, 0 bytes past an array of 512 bytes$/,
  },
  {
    id: 'far past every array',
    code: '__global__ void wild(int *d, long n) {\n  d[n] = 1; //!\n}',
    test: `${MALLOC}wild<<<1, 1>>>(d, 1L << 33);`,
    says: /write/,
  },
  {
    id: 'a kernel uses freed memory',
    code: '__global__ void stale(int *d) {\n  d[threadIdx.x]++; //!\n}',
    test: `${MALLOC}stale<<<1, 16>>>(d);\ncudaFree(d);\nstale<<<1, 16>>>(d);`,
    says: /^device memory after it was freed: read of 4 bytes, an array of 64 bytes$/,
  },
  {
    id: 'freed memory whose room would be used again',
    code: '__global__ void again(int *d) {\n  d[threadIdx.x]++; //!\n}',
    test: `${MALLOC}cudaFree(d);\nint *e;\ncudaMalloc(&e, 16 * sizeof(int));\nagain<<<1, 16>>>(d);`,
    says: /^device memory after it was freed/,
  },
  {
    id: 'memory freed by a reset',
    code: '__global__ void reset(int *d) {\n  d[threadIdx.x]++; //!\n}',
    test: `${MALLOC}reset<<<1, 16>>>(d);\ncudaDeviceReset();\nreset<<<1, 16>>>(d);`,
    says: /^device memory after it was freed/,
  },
  {
    id: 'past shared memory',
    code: '__global__ void share(int *d, int n) {\n  __shared__ int s[32];\n  int *p = s;\n  p[threadIdx.x + n] = d[0]; //!\n  __syncthreads();\n  d[0] = p[0];\n}',
    test: `${MALLOC}share<<<1, 32>>>(d, 1);`,
    says: /^outside of a global array: write of 4 bytes, 0 bytes past an array of 128 bytes$|^too little room: store to int$/,
  },
  {
    id: 'an index past shared memory',
    code: '__global__ void tile(int *d, int n) {\n  __shared__ int s[4][8];\n  s[n][threadIdx.x] = 1; //!\n  __syncthreads();\n  d[0] = s[0][0];\n}',
    test: `${MALLOC}tile<<<1, 8>>>(d, 4);`,
    says: /^index 4 out of bounds for type int ?\[4\]\[8\]$/,
  },
  {
    id: 'past dynamic shared memory',
    code: 'extern __shared__ int dynamic[];\n__global__ void more(int *d) {\n  dynamic[threadIdx.x] = d[0]; //!\n  __syncthreads();\n  d[0] = dynamic[0];\n}',
    test: `${MALLOC}more<<<1, 32, 31 * sizeof(int)>>>(d);`,
    says: /^outside of dynamic shared memory: write of 4 bytes, 0 bytes past an array of 124 bytes$/,
  },
  {
    id: 'past a local array of a thread, after a barrier',
    code: '__global__ void local(int *d, int n) {\n  int a[8];\n  int *p = a;\n  for (int i = 0; i < 8; i++) p[i] = i;\n  __syncthreads();\n  d[0] = p[n]; //!\n}',
    test: `${MALLOC}local<<<2, 64>>>(d, 9);`,
    says: /^outside of a local array: read of 4 bytes|^too little room: load of int/,
  },
  {
    id: 'past constant memory',
    code: '__constant__ int weights[9];\n__global__ void weigh(int *d, int n) {\n  const int *w = weights;\n  d[0] = w[n]; //!\n}',
    test: `${MALLOC}weigh<<<1, 1>>>(d, 9);`,
    says: /^outside of a global array: read of 4 bytes, 0 bytes past an array of 36 bytes$|^too little room: load of const int$/,
  },
  {
    id: 'signed overflow in a kernel',
    code: '__global__ void grow(int *d) {\n  d[0] += 1; //!\n}',
    test: `${MALLOC}int top = INT_MAX;\ncudaMemcpy(d, &top, sizeof top, cudaMemcpyHostToDevice);\ngrow<<<1, 1>>>(d);`,
    says: /^signed overflow: 2147483647 \+ 1 does not fit int$/,
  },
  {
    id: 'division by zero in a kernel',
    code: '__global__ void ratio(int *d, int n) {\n  d[0] = 7 / n; //!\n}',
    test: `${MALLOC}ratio<<<1, 1>>>(d, 0);`,
    says: /^division by zero$/,
  },
  {
    id: 'a misaligned vector',
    code: '__global__ void wide(int *d) {\n  float4 v = *(float4 *)(d + 1); //!\n  d[0] = (int)v.x;\n}',
    test: `${MALLOC}wide<<<1, 1>>>(d);`,
    says: /^misaligned: .* which needs a multiple of 16 bytes$/,
  },
  {
    id: 'an atomic past its array',
    code: '__global__ void count(int *d, int n) {\n  atomicAdd(&d[n], 1); //!\n}',
    test: `${MALLOC}count<<<1, 1>>>(d, 16);`,
    says: /^outside of device memory: read of 4 bytes, 0 bytes past an array of 64 bytes$/,
  },
  {
    id: 'memory of the host in a kernel',
    code: '__global__ void host(int *p) {\n  p[threadIdx.x] = 1; //!\n}',
    test: 'int a[4];\nhost<<<1, 4>>>(a);\ncudaDeviceSynchronize();',
    says: /write/,
  },
  {
    id: 'memory of the device on the host',
    code: '',
    test: `${MALLOC}d[0] = 1; //!`,
    says: /^device memory used by its address where it may not be: write$/,
  },
  {
    id: 'managed memory, on the host',
    code: '',
    test: 'int *m;\ncudaMallocManaged(&m, 40);\nm[10] = 1; //!',
    says: /^outside of device memory: write of 4 bytes, 0 bytes past an array of 40 bytes$/,
  },
  {
    id: 'managed memory, in a kernel',
    code: '__global__ void managed(int *m) {\n  m[10] = 1; //!\n}',
    test: 'int *m;\ncudaMallocManaged(&m, 40);\nm[9] = 1;\nmanaged<<<1, 1>>>(m);',
    says: /^outside of device memory: write of 4 bytes, 0 bytes past an array of 40 bytes$/,
  },
  {
    id: 'copies more than was allocated',
    code: '',
    test: `${MALLOC}int a[20] = {};\ncudaMemcpy(d, a, sizeof a, cudaMemcpyHostToDevice); //!`,
    says: /^the host copies or fills 80 bytes of device memory where 64 are allocated$/,
  },
  {
    id: 'fills freed memory',
    code: '',
    test: `${MALLOC}cudaFree(d);\ncudaMemset(d, 0, 64); //!`,
    says: /^the host copies or fills 64 bytes of device memory that is not allocated$/,
  },
  {
    id: 'copies back more than the host has room for',
    code: 'void fetch(int *a, int *d, int n) {\n  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost); //!\n}',
    test: `${MALLOC}int a[12] = {};\nfetch(a, d, 16);`,
    says: /^outside of a local array: write of 64 bytes, 0 bytes past an array of 48 bytes$/,
  },
  {
    id: 'copies more than the host has',
    code: '',
    test: `${MALLOC}int *h = (int *)malloc(48);\ncudaMemcpy(d, h, 64, cudaMemcpyHostToDevice); //!`,
    says: /^outside of a block of the heap: read of 64 bytes, 0 bytes past a block of 48 bytes$/,
  },
  {
    id: 'a row too many in two dimensions',
    code: '',
    test: 'char *d, h[30] = {};\nsize_t pitch;\ncudaMallocPitch(&d, &pitch, 10, 4);\ncudaMemcpy2D(d, pitch, h, 10, 10, 4, cudaMemcpyHostToDevice); //!',
    says: /^outside of a local array: read of 10 bytes, 0 bytes past an array of 30 bytes$/,
  },
]
