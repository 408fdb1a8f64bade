//// features: cudaMalloc of too much fails with 2 and leaves the device usable, cudaFree of null
//// sequential
int out_of_memory(int *out, int n) {
    for (int i = 0; i < n; i++) out[i] = 7 * i;
    return 2;
}
//// kernel
__global__ void sevens(int *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = 7 * i;
}
//// wrapper
int out_of_memory_cuda(int *out, int n) {
    char *huge = nullptr;
    cudaError_t error = cudaMalloc(&huge, (size_t)1 << 50);
    if (cudaFree(nullptr) != cudaSuccess) return -1;
    cudaGetLastError();
    int *d_out;
    cudaMalloc(&d_out, n * sizeof(int));
    sevens<<<(n + 3) / 4, 4>>>(d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
    return error;
}
//// tests
int out[9];
wrapper(FUNCTION, out, 9);
