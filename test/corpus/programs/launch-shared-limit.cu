//// features: too much dynamic shared memory, cudaFuncSetAttribute raises the limit
//// sequential
int launch_shared_limit(int bytes, int raise) {
    // 1 (invalid value) over 48 KiB unless raised; the last int of the memory is written and read.
    return bytes <= 49152 || raise ? bytes / 4 : -1;
}
//// kernel
__global__ void fill_shared(int *last, int cells) {
    extern __shared__ int memory[];
    for (int i = threadIdx.x; i < cells; i += blockDim.x) memory[i] = i + 1;
    __syncthreads();
    if (threadIdx.x == 0) *last = memory[cells - 1];
}
//// wrapper
int launch_shared_limit_cuda(int bytes, int raise) {
    int *d_last, last = 0;
    cudaMalloc(&d_last, sizeof(int));
    if (raise) cudaFuncSetAttribute(fill_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    fill_shared<<<1, 64, bytes>>>(d_last, bytes / 4);
    if (cudaGetLastError() != cudaSuccess) {
        cudaFree(d_last);
        return -1;
    }
    cudaMemcpy(&last, d_last, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_last);
    return last;
}
//// tests
wrapper(FUNCTION, 1024, 0);
---
wrapper(FUNCTION, 49152, 0);
---
wrapper(FUNCTION, 49156, 0);
---
wrapper(FUNCTION, 65536, 1);
