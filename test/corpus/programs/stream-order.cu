//// features: cudaStreamWaitEvent orders streams, cudaEventQuery and cudaStreamQuery after waiting, flags
//// sequential
int stream_order(int n) {
    return (5 * n + 3) * 2;
}
//// kernel
__global__ void begin(int *cell, int n) { *cell = 5 * n; }
__global__ void go_on(int *cell) { *cell += 3; }
__global__ void finish(int *cell) { *cell *= 2; }
//// wrapper
int stream_order_cuda(int n) {
    int *cell, result = 0;
    cudaStream_t a, b;
    cudaEvent_t first, second;
    cudaMalloc(&cell, sizeof(int));
    cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
    cudaEventCreateWithFlags(&first, cudaEventDisableTiming);
    cudaEventCreateWithFlags(&second, cudaEventDisableTiming);
    begin<<<1, 1, 0, a>>>(cell, n);
    cudaEventRecord(first, a);
    cudaStreamWaitEvent(b, first, 0);
    go_on<<<1, 1, 0, b>>>(cell);
    cudaEventRecord(second, b);
    cudaStreamWaitEvent(a, second, 0);
    finish<<<1, 1, 0, a>>>(cell);
    cudaMemcpyAsync(&result, cell, sizeof(int), cudaMemcpyDeviceToHost, a);
    cudaDeviceSynchronize();
    if (cudaEventQuery(second) != cudaSuccess || cudaStreamQuery(a) != cudaSuccess) return -1;
    cudaStreamDestroy(a);
    cudaStreamDestroy(b);
    cudaEventDestroy(first);
    cudaEventDestroy(second);
    cudaFree(cell);
    return result;
}
//// tests
wrapper(FUNCTION, 8);
---
wrapper(FUNCTION, -1);
