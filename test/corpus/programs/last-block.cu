//// features: one launch over all blocks, __threadfence, the last block to finish adds up
//// sequential
int last_block(const int *in, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += in[i];
    return sum;
}
//// kernel
__device__ unsigned finished = 0;
__global__ void sum_at_once(const int *in, int n, int *partial, int *total) {
    __shared__ int sum;
    __shared__ bool last;
    if (threadIdx.x == 0) sum = 0;
    __syncthreads();
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) atomicAdd(&sum, in[i]);
    __syncthreads();
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
        __threadfence();
        last = atomicInc(&finished, gridDim.x) == gridDim.x - 1;
    }
    __syncthreads();
    if (last && threadIdx.x == 0) {
        int all = 0;
        for (int b = 0; b < gridDim.x; b++) all += partial[b];
        *total = all;
        finished = 0;
    }
}
//// wrapper
int last_block_cuda(const int *in, int n) {
    int *d_in, *d_partial, *d_total, total = 0, blocks = (n + 15) / 16;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_partial, blocks * sizeof(int));
    cudaMalloc(&d_total, sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    sum_at_once<<<blocks, 16>>>(d_in, n, d_partial, d_total);
    cudaMemcpy(&total, d_total, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_partial);
    cudaFree(d_total);
    return total;
}
//// tests
int in[5] = {1, 2, 3, 4, 5};
wrapper(FUNCTION, in, 5);
---
int in[333];
for (int i = 0; i < 333; i++) in[i] = i % 50;
wrapper(FUNCTION, in, 333);
