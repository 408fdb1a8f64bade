//// features: __launch_bounds__, a launch over the bound fails and nothing is written
//// sequential
int launch_bounds(int *out, int threads) {
    for (int i = 0; i < threads; i++) out[i] = threads <= 64 ? i * i : -1;
    return threads <= 64;
}
//// kernel
__global__ void __launch_bounds__(64) squares(int *out) { out[threadIdx.x] = threadIdx.x * threadIdx.x; }
//// wrapper
int launch_bounds_cuda(int *out, int threads) {
    int *d_out;
    cudaMalloc(&d_out, threads * sizeof(int));
    cudaMemset(d_out, 0xff, threads * sizeof(int));
    squares<<<1, threads>>>(d_out);
    int fine = cudaGetLastError() == cudaSuccess;
    cudaMemcpy(out, d_out, threads * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
    return fine;
}
//// tests
int out[10];
wrapper(FUNCTION, out, 10);
---
int out[64];
wrapper(FUNCTION, out, 64);
---
int out[65];
wrapper(FUNCTION, out, 65);
