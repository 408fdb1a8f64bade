//// features: assert in a kernel; one that fails is error 710 and sticks
//// sequential
int assert_in_kernel(const int *in, int n, int *out) {
    for (int i = 0; i < n; i++)
        if (in[i] < 0) return 710;
    for (int i = 0; i < n; i++) out[i] = in[i] / 2;
    return 0;
}
//// kernel
#include <cassert>
__global__ void halve(const int *in, int *out) {
    assert(in[threadIdx.x] >= 0);
    out[threadIdx.x] = in[threadIdx.x] / 2;
}
//// wrapper
int assert_in_kernel_cuda(const int *in, int n, int *out) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    halve<<<1, n>>>(d_in, d_out);
    int error = cudaDeviceSynchronize();
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
    return error;
}
//// tests
int in[4] = {2, 4, 6, 9}, out[4] = {0};
wrapper(FUNCTION, in, 4, out);
---
int in[4] = {2, -4, 6, 9}, out[4] = {1, 1, 1, 1};
wrapper(FUNCTION, in, 4, out);
