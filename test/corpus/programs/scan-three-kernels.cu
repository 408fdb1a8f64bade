//// features: scan over blocks, three launches, long long
//// sequential
void scan_three_kernels(long long *values, int n) {
    for (int i = 1; i < n; i++) values[i] += values[i - 1];
}
//// kernel
#define BLOCK 16
__global__ void scan_each(long long *values, long long *totals, int n) {
    __shared__ long long s[BLOCK];
    int i = blockIdx.x * BLOCK + threadIdx.x, t = threadIdx.x;
    s[t] = i < n ? values[i] : 0;
    __syncthreads();
    for (int d = 1; d < BLOCK; d *= 2) {
        long long add = t >= d ? s[t - d] : 0;
        __syncthreads();
        s[t] += add;
        __syncthreads();
    }
    if (i < n) values[i] = s[t];
    if (t == BLOCK - 1) totals[blockIdx.x] = s[t];
}
__global__ void scan_totals(long long *totals, int blocks) {
    if (threadIdx.x > 0) return;
    for (int b = 1; b < blocks; b++) totals[b] += totals[b - 1];
}
__global__ void add_totals(long long *values, const long long *totals, int n) {
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (blockIdx.x > 0 && i < n) values[i] += totals[blockIdx.x - 1];
}
//// wrapper
void scan_three_kernels_cuda(long long *values, int n) {
    long long *d_values, *d_totals;
    int blocks = (n + BLOCK - 1) / BLOCK;
    cudaMalloc(&d_values, n * sizeof(long long));
    cudaMalloc(&d_totals, blocks * sizeof(long long));
    cudaMemcpy(d_values, values, n * sizeof(long long), cudaMemcpyHostToDevice);
    scan_each<<<blocks, BLOCK>>>(d_values, d_totals, n);
    scan_totals<<<1, 32>>>(d_totals, blocks);
    add_totals<<<blocks, BLOCK>>>(d_values, d_totals, n);
    cudaMemcpy(values, d_values, n * sizeof(long long), cudaMemcpyDeviceToHost);
    cudaFree(d_values);
    cudaFree(d_totals);
}
//// tests
long long values[20];
for (int i = 0; i < 20; i++) values[i] = 1;
wrapper(FUNCTION, values, 20);
---
long long values[70];
for (int i = 0; i < 70; i++) values[i] = 1000000007LL * (i - 10);
wrapper(FUNCTION, values, 70);
