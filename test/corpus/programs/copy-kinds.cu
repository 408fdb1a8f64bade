//// features: cudaMemcpyDeviceToDevice, cudaMemcpyDefault, copies into the middle of an allocation, a wrong kind is refused
//// sequential
int copy_kinds(const int *in, int n, int *out) {
    for (int i = 0; i < n; i++) out[i] = in[(i + n / 2) % n] * in[(i + n / 2) % n];
    return 0;
}
//// kernel
__global__ void squares(int *v) { v[threadIdx.x] *= v[threadIdx.x]; }
//// wrapper
int copy_kinds_cuda(const int *in, int n, int *out) {
    int half = n / 2, rest = n - half, *a, *b;
    cudaMalloc(&a, n * sizeof(int));
    cudaMalloc(&b, n * sizeof(int));
    cudaMemcpy(a, in, n * sizeof(int), cudaMemcpyDefault);
    cudaMemcpy(b, a + half, rest * sizeof(int), cudaMemcpyDeviceToDevice);
    cudaMemcpy(b + rest, a, half * sizeof(int), cudaMemcpyDefault);
    squares<<<1, n>>>(b);
    cudaError_t error = cudaMemcpy(out, b, n * sizeof(int), cudaMemcpyDefault);
    cudaFree(a);
    cudaFree(b);
    return error;
}
//// tests
int in[5] = {1, 2, 3, 4, 5}, out[5];
wrapper(FUNCTION, in, 5, out);
---
int in[64], out[64];
for (int i = 0; i < 64; i++) in[i] = i - 20;
wrapper(FUNCTION, in, 64, out);
