import type { Feature } from './build.ts'
import { checkFeatures } from './check-features.ts'

/** Barriers, warp functions, groups, atomics. */
const FEATURES: Feature[] = [
  {
    id: 'barriers: a tree over a block of many warps',
    code: `#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
template <class T> vector<T> fetch(T *d, int n) { vector<T> v(n); cudaMemcpy(v.data(), d, n * sizeof(T), cudaMemcpyDeviceToHost); return v; }
template <class T> T *fresh(int n) { T *d; cudaMalloc(&d, n * sizeof(T)); return d; }
template <class T> void show(const vector<T> &v) { for (auto x : v) cout << x << " "; cout << endl; }
__global__ void tree(int *o) { __shared__ int s[1024]; int t = threadIdx.x; s[t] = t; __syncthreads();
for (int w = blockDim.x / 2; w > 0; w >>= 1) { if (t < w) s[t] += s[t + w]; __syncthreads(); } if (t == 0) o[blockIdx.x] = s[0]; }`,
    test: `int *d = fresh<int>(3); tree<<<3, 1024>>>(d); show(fetch(d, 3));`,
    prints: '523776 523776 523776 \n',
  },
  {
    id: 'threads that have ended hold up no barrier',
    code: '__global__ void early(int *o) { __shared__ int s; if (threadIdx.x >= 40) return; if (threadIdx.x == 39) s = 5; __syncthreads(); o[threadIdx.x] = s; }',
    test: `int *d = fresh<int>(100); early<<<1, 100>>>(d); auto v = fetch(d, 100); cout << v[0] << v[39] << v[40];`,
    prints: '550',
  },
  {
    id: 'barriers that count',
    code: `__global__ void counted(int *o) { int t = threadIdx.x; o[t] = __syncthreads_count(t % 3 == 0) * 100 + (__syncthreads_or(t == 5) != 0) * 10 + (__syncthreads_and(t < 50) != 0); }`,
    test: `int *d = fresh<int>(64); counted<<<1, 50>>>(d); cout << fetch(d, 64)[49] << " "; counted<<<1, 64>>>(d); cout << fetch(d, 64)[0];`,
    prints: '1711 2210',
  },
  {
    id: 'shuffles of every kind and width',
    code: `__global__ void shuffle(int *o) { unsigned m = 0xffffffffu; int t = threadIdx.x, v = t * 10;
o[t] = __shfl_sync(m, v, 3); o[32 + t] = __shfl_up_sync(m, v, 2); o[64 + t] = __shfl_down_sync(m, v, 2); o[96 + t] = __shfl_xor_sync(m, v, 1);
o[128 + t] = __shfl_sync(m, v, 1, 8); o[160 + t] = __shfl_up_sync(m, v, 1, 4); o[192 + t] = __shfl_down_sync(m, v, 3, 4); o[224 + t] = __shfl_sync(m, v, t + 33); }`,
    test: `int *d = fresh<int>(256); shuffle<<<1, 32>>>(d); auto v = fetch(d, 256); for (int k = 0; k < 8; k++) cout << v[32 * k] << "," << v[32 * k + 9] << "," << v[32 * k + 31] << " ";`,
    prints: '30,30,30 0,70,290 20,110,310 10,80,300 10,90,250 0,80,300 30,90,310 10,100,0 ',
  },
  {
    id: 'shuffles of doubles, halves of warps, warp sums of a partial warp',
    code: `__global__ void sums(double *o, float *p) { double v = threadIdx.x + 0.5; unsigned m = __ballot_sync(0xffffffffu, threadIdx.x < 24);
for (int k = 16; k > 0; k /= 2) v += __shfl_down_sync(0xffffffffu, v, k); if (threadIdx.x % 32 == 0) o[threadIdx.x / 32] = v;
if (threadIdx.x < 16) p[threadIdx.x] = __shfl_xor_sync(0xffffu, (float)threadIdx.x, 8); else if (threadIdx.x < 32) p[threadIdx.x] = __shfl_sync(0xffff0000u, -1.0f * threadIdx.x, 20); p[32] = m; }`,
    test: `double *d = fresh<double>(2); float *p = fresh<float>(33); sums<<<1, 64>>>(d, p); show(fetch(d, 2)); auto v = fetch(p, 33); cout << v[0] << " " << v[15] << " " << v[16] << " " << v[31] << " " << (v[32] == 0 || v[32] == 0xffffff);`,
    prints: '512 1536 \n8 7 -20 -20 1',
  },
  {
    id: 'votes, matches and warp reductions',
    code: `__global__ void votes(unsigned *o) { unsigned m = ~0u; int t = threadIdx.x, p; unsigned b = __ballot_sync(m, t % 4 == 0); int any = __any_sync(m, t == 9), all = __all_sync(m, t < 31);
unsigned same = __match_any_sync(m, t / 16), whole = __match_all_sync(m, 7, &p); int sum = __reduce_add_sync(m, t), least = __reduce_min_sync(m, -t); unsigned most = __reduce_max_sync(m, (unsigned)t * 2);
if (t == 20) { o[0] = b; o[1] = any * 10 + all; o[2] = same; o[3] = whole; o[4] = p; o[5] = sum; o[6] = -least; o[7] = most; } }`,
    test: `unsigned *d = fresh<unsigned>(8); votes<<<1, 32>>>(d); cout << hex; show(fetch(d, 8));`,
    prints: '11111111 a ffff0000 ffffffff 1 1f0 1f 3e \n',
  },
  {
    id: 'the active mask is those who branched alike',
    code: `__global__ void active(unsigned *o) { unsigned m; if (threadIdx.x % 2) m = __activemask(); else m = __activemask(); o[threadIdx.x] = m; }`,
    test: `unsigned *d = fresh<unsigned>(32); active<<<1, 32>>>(d); auto v = fetch(d, 32); cout << hex << v[0] << " " << v[1];`,
    prints: '55555555 aaaaaaaa',
  },
  {
    id: 'cooperative groups of block, tile and warp',
    code: `__device__ int rank_in(cg::thread_block_tile<8> tile) { return tile.thread_rank(); }
__global__ void groups(int *o) { auto block = cg::this_thread_block(); auto tile = cg::tiled_partition<8>(block); int v = rank_in(tile) + 1;
for (int k = tile.size() / 2; k > 0; k /= 2) v += tile.shfl_down(v, k); __shared__ int s[8]; if (tile.thread_rank() == 0) s[tile.meta_group_rank()] = v; block.sync();
int total = cg::reduce(tile, block.thread_rank() < 8 ? s[tile.thread_rank()] : 0, cg::plus<int>()); unsigned b = tile.ballot(tile.thread_rank() < 3);
if (block.thread_rank() == 0) { o[0] = total; o[1] = b; o[2] = block.size(); }
if (threadIdx.x % 2 == 1 && threadIdx.x < 32) { auto c = cg::coalesced_threads(); if (c.thread_rank() == 2) { o[3] = c.size(); o[4] = threadIdx.x; } } }`,
    test: `int *d = fresh<int>(5); groups<<<1, 64>>>(d); show(fetch(d, 5));`,
    prints: '288 7 64 16 5 \n',
  },
  {
    id: 'groups as one type, and streams by number',
    code: `__device__ int ranks(cg::thread_group g) { g.sync(); return g.thread_rank() * 100 + g.size(); }
__global__ void any_group(int *o) { auto b = cg::this_thread_block(); int whole = ranks(b), part = ranks(cg::tiled_partition(b, 4)); if (threadIdx.x == 6) { o[0] = whole; o[1] = part; } }`,
    test: `int *d = fresh<int>(2); any_group<<<1, 40, 0, 0>>>(d); any_group<<<1, 40, 0, cudaStreamDefault>>>(d); show(fetch(d, 2));`,
    prints: '640 204 \n',
  },
  {
    id: 'atomics and what they return',
    code: `__global__ void atoms(int *i, unsigned *u, unsigned long long *l, float *f, double *d) { atomicAdd(i, 1); atomicSub(i + 1, 2); atomicMax(i + 2, (int)threadIdx.x); atomicMin(i + 3, -(int)threadIdx.x);
atomicAdd(u, 1); atomicInc(u + 1, 4); atomicDec(u + 2, 9); atomicOr(u + 3, 1u << threadIdx.x % 32); atomicXor(u + 4, 3); atomicAnd(u + 5, ~1u); atomicAdd(l, 1ULL << 33); atomicAdd(f, 0.5f); atomicAdd(d, 0.25);
if (threadIdx.x == 0) { i[4] = atomicExch(i + 5, 77); i[6] = atomicCAS(i + 5, 77, 78); f[1] = atomicExch(f + 2, 1.5f); } atomicAdd_block(i + 7, 1); }`,
    test: `int *i = fresh<int>(8); unsigned *u = fresh<unsigned>(6); auto *l = fresh<unsigned long long>(1); float *f = fresh<float>(3); double *d = fresh<double>(1);
atoms<<<2, 32>>>(i, u, l, f, d); show(fetch(i, 8)); show(fetch(u, 6)); show(fetch(l, 1)); show(fetch(f, 3)); show(fetch(d, 1));`,
    prints: '64 -128 31 -31 78 78 77 64 \n64 4 6 4294967295 0 0 \n549755813888 \n32 1.5 1.5 \n16 \n',
  },
  {
    id: 'atomics built from compare and swap',
    code: `__device__ double add_by_cas(double *a, double v) { unsigned long long *p = (unsigned long long *)a, old = *p, seen; do { seen = old; old = atomicCAS(p, seen, __double_as_longlong(v + __longlong_as_double(seen))); } while (seen != old); return __longlong_as_double(old); }
__global__ void use_cas(double *d) { add_by_cas(d, threadIdx.x); }`,
    test: `double *d = fresh<double>(1); use_cas<<<2, 100>>>(d); show(fetch(d, 1));`,
    prints: '9900 \n',
  },
  {
    id: 'a lock within a block, and one that waits for a later thread',
    code: `__device__ int mutex = 0; __global__ void locked(int *c) { bool done = false; while (!done) { if (atomicCAS(&mutex, 0, 1) == 0) { c[0] = c[0] + 1; __threadfence(); atomicExch(&mutex, 0); done = true; } } }
__global__ void hand_over(int *flag, int *o) { if (threadIdx.x == 0) { while (atomicAdd(flag, 0) == 0) {} *o = 9; } if (threadIdx.x == 70) atomicExch(flag, 1); }`,
    test: `int *d = fresh<int>(2); locked<<<4, 64>>>(d); show(fetch(d, 1)); hand_over<<<1, 96>>>(d + 1, d); show(fetch(d, 1));`,
    prints: '256 \n9 \n',
  },
  {
    id: 'the last block sees what the others wrote',
    code: `__device__ unsigned arrived; __global__ void last_block(int *part, int *o) { __shared__ bool last; if (threadIdx.x == 0) { part[blockIdx.x] = blockIdx.x; __threadfence(); last = atomicInc(&arrived, gridDim.x) == gridDim.x - 1; } __syncthreads();
if (last && threadIdx.x == 0) { int s = 0; for (int b = 0; b < gridDim.x; b++) s += part[b]; *o = s; } }`,
    test: `int *d = fresh<int>(101); last_block<<<100, 32>>>(d, d + 100); cout << fetch(d, 101)[100];`,
    prints: '4950',
  },
  {
    id: 'locals of waiting threads are their own',
    code: `__global__ void own(int *o) { int mine[200]; for (int k = 0; k < 200; k++) mine[k] = threadIdx.x * k; __syncthreads(); int s = 0; for (int k = 0; k < 200; k++) { s += mine[k]; if (k % 50 == 0) __syncthreads(); } o[threadIdx.x] = s; }`,
    test: `int *d = fresh<int>(512); own<<<1, 512>>>(d); auto v = fetch(d, 512); cout << v[0] << " " << v[1] << " " << v[511];`,
    prints: '0 19900 10168900',
  },
]

checkFeatures('emulated', FEATURES)
