//// features: blas, atomicAdd on float, 2-D launch
//// sequential
void gemv_transposed(const float *a, const float *x, float *y, int rows, int columns) {
    for (int c = 0; c < columns; c++) {
        y[c] = 0;
        for (int r = 0; r < rows; r++) y[c] += a[r * columns + c] * x[r];
    }
}
//// kernel
__global__ void gemv_transposed_kernel(const float *a, const float *x, float *y, int rows, int columns) {
    int c = blockIdx.x * blockDim.x + threadIdx.x;
    int r = blockIdx.y * blockDim.y + threadIdx.y;
    if (r < rows && c < columns) atomicAdd(&y[c], a[r * columns + c] * x[r]);
}
//// wrapper
void gemv_transposed_cuda(const float *a, const float *x, float *y, int rows, int columns) {
    float *d_a, *d_x, *d_y;
    cudaMalloc(&d_a, rows * columns * sizeof(float));
    cudaMalloc(&d_x, rows * sizeof(float));
    cudaMalloc(&d_y, columns * sizeof(float));
    cudaMemcpy(d_a, a, rows * columns * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, x, rows * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemset(d_y, 0, columns * sizeof(float));
    dim3 threads(8, 4);
    dim3 blocks((columns + 7) / 8, (rows + 3) / 4);
    gemv_transposed_kernel<<<blocks, threads>>>(d_a, d_x, d_y, rows, columns);
    cudaMemcpy(y, d_y, columns * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_x);
    cudaFree(d_y);
}
//// tests
float a[6] = {1, 2, 3, 4, 5, 6}, x[2] = {10, 100}, y[3];
wrapper(FUNCTION, a, x, y, 2, 3);
---
float a[9 * 13], x[9], y[13];
for (int i = 0; i < 9 * 13; i++) a[i] = i % 10;
for (int i = 0; i < 9; i++) x[i] = i - 4;
wrapper(FUNCTION, a, x, y, 9, 13);
