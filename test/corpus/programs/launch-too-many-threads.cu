//// features: launch limits, cudaGetLastError, going on after a failure
//// sequential
int launch_too_many_threads(int *values, int n, int threads) {
    // 9: a block has at most 1024 threads. Twelve more are added by a launch that is right.
    bool starts = threads > 0 && threads <= 1024;
    for (int i = 0; i < n; i++) values[i] += (starts && i < threads ? 1 : 0) + 12;
    return starts ? 0 : 9;
}
//// kernel
__global__ void add(int *values, int n, int what) {
    if (threadIdx.x < n) values[threadIdx.x] += what;
}
//// wrapper
int launch_too_many_threads_cuda(int *values, int n, int threads) {
    int *d_values;
    cudaMalloc(&d_values, n * sizeof(int));
    cudaMemcpy(d_values, values, n * sizeof(int), cudaMemcpyHostToDevice);
    add<<<1, threads>>>(d_values, n, 1);
    cudaError_t error = cudaGetLastError();
    add<<<1, n>>>(d_values, n, 12);
    cudaMemcpy(values, d_values, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_values);
    return cudaGetLastError() == cudaSuccess ? (int)error : -1;
}
//// tests
int values[4] = {1, 2, 3, 4};
wrapper(FUNCTION, values, 4, 1025);
---
int values[4] = {1, 2, 3, 4};
wrapper(FUNCTION, values, 4, 1024);
---
int values[4] = {1, 2, 3, 4};
wrapper(FUNCTION, values, 4, 2);
---
int values[4] = {1, 2, 3, 4};
wrapper(FUNCTION, values, 4, 0);
