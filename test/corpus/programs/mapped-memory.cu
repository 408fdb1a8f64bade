//// features: cudaHostAlloc mapped, cudaHostGetDevicePointer, grid-stride loop writes to the host's memory
//// sequential
int mapped_memory(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += i ^ 5;
    return sum;
}
//// kernel
__global__ void mix(int *cells, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) cells[i] = i ^ 5;
}
//// wrapper
int mapped_memory_cuda(int n) {
    int *host, *device, sum = 0;
    cudaHostAlloc((void **)&host, n * sizeof(int), cudaHostAllocMapped);
    cudaHostGetDevicePointer((void **)&device, host, 0);
    mix<<<2, 16>>>(device, n);
    cudaDeviceSynchronize();
    for (int i = 0; i < n; i++) sum += host[i];
    cudaFreeHost(host);
    return sum;
}
//// tests
wrapper(FUNCTION, 10);
---
wrapper(FUNCTION, 100);
