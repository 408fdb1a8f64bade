//// features: blas, 3-D grid and block, leading dimensions
//// sequential
void gemm_batched(const int *a, const int *b, int *c, int size, int batch) {
    for (int p = 0; p < batch; p++)
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) {
                int sum = 0;
                for (int k = 0; k < size; k++) sum += a[(p * size + i) * size + k] * b[(p * size + k) * size + j];
                c[(p * size + i) * size + j] = sum;
            }
}
//// kernel
__global__ void gemm_batched_kernel(const int *a, const int *b, int *c, int size, int batch) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    int i = blockIdx.y * blockDim.y + threadIdx.y;
    int p = blockIdx.z * blockDim.z + threadIdx.z;
    if (i >= size || j >= size || p >= batch) return;
    const int *ap = a + p * size * size, *bp = b + p * size * size;
    int sum = 0;
    for (int k = 0; k < size; k++) sum += ap[i * size + k] * bp[k * size + j];
    c[p * size * size + i * size + j] = sum;
}
//// wrapper
void gemm_batched_cuda(const int *a, const int *b, int *c, int size, int batch) {
    size_t bytes = sizeof(int) * size * size * batch;
    int *d_a, *d_b, *d_c;
    cudaMalloc(&d_a, bytes);
    cudaMalloc(&d_b, bytes);
    cudaMalloc(&d_c, bytes);
    cudaMemcpy(d_a, a, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_b, b, bytes, cudaMemcpyHostToDevice);
    dim3 threads(2, 2, 2), blocks((size + 1) / 2, (size + 1) / 2, (batch + 1) / 2);
    gemm_batched_kernel<<<blocks, threads>>>(d_a, d_b, d_c, size, batch);
    cudaMemcpy(c, d_c, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_b);
    cudaFree(d_c);
}
//// tests
int a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8] = {1, 0, 0, 1, 2, 0, 0, 2}, c[8];
wrapper(FUNCTION, a, b, c, 2, 2);
---
int a[27], b[27], c[27];
for (int i = 0; i < 27; i++) a[i] = i, b[i] = 27 - i;
wrapper(FUNCTION, a, b, c, 3, 3);
